import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatMonetary, formatPercentage } from "@web/views/fields/formatters";

const FORMATS = {
    count: (value) => formatFloat(value, { digits: [16, 0] }),
    money: (value, currencyId) => {
        const size = Math.abs(value);
        const amount = formatMonetary(size, {
            currencyId,
            humanReadable: size >= 10000,
            digits: [16, size >= 1000000 ? 1 : 0],
        });
        return value < 0 ? `−${amount}` : amount;
    },
    percent: (value) => formatPercentage(value, { digits: [16, 0] }),
    days: (value) => _t("%s d", formatFloat(value, { digits: [16, value < 10 ? 1 : 0] })),
    hours: (value) => _t("%s h", formatFloat(value, { digits: [16, value < 10 ? 1 : 0] })),
    share: (value) => formatPercentage(value, { digits: [16, 2] }),
    decimal: (value) => formatFloat(value, { digits: [16, 1] }),
    factor: (value) => `${formatFloat(value, { digits: [16, 1] })}×`,
};

/** Write a figure the way all boards do; what nobody knows is "no data", never 0. */
export function formatFigure(value, format, currencyId) {
    return value === null || value === undefined ? _t("no data") : FORMATS[format](value, currencyId);
}

/**
 * A figure that opens the records behind it: `{value, model, domain, context}`. Without a model, or
 * without data, it is text.
 */
export class Figure extends Component {
    static template = "crm_scp_core.Figure";
    static props = {
        cell: Object,
        format: { type: String, optional: true },
        currencyId: { type: Number, optional: true },
        title: { type: String, optional: true },
        help: { type: String, optional: true },
        class: { type: String, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { format: "count" };

    setup() {
        this.action = useService("action");
    }

    get hasData() {
        return this.props.cell.value !== null && this.props.cell.value !== undefined;
    }

    get text() {
        return formatFigure(this.props.cell.value, this.props.format, this.props.currencyId);
    }

    open() {
        const { model, domain, context } = this.props.cell;
        this.action.doAction({
            type: "ir.actions.act_window",
            name: this.props.title || _t("Records"),
            res_model: model,
            domain,
            context,
            views: [
                [false, this.env.isSmall ? "kanban" : "list"],
                [false, "form"],
            ],
        });
    }
}
