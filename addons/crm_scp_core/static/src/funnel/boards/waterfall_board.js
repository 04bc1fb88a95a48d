import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, formatDay, getToday } from "../../board/board";
import { useBoard } from "../../board/board_hook";
import { Figure, formatFigure } from "../../board/figure";
import { Waterfall } from "../../board/waterfall";

/** What led from the pipeline of one day to that of another, from `scp.funnel.get_waterfall`. */
export class WaterfallBoard extends Component {
    static template = "crm_scp_core.WaterfallBoard";
    static components = { Board, Figure, Waterfall };
    static props = { ...standardActionServiceProps };
    static path = "funnel-waterfall";
    static displayName = _t("Waterfall");

    setup() {
        this.orm = useService("orm");
        this.formatFigure = formatFigure;
        const first = {
            date_from: serializeDate(getToday().startOf("quarter")),
            date_to: serializeDate(getToday()),
        };
        Object.assign(this, useBoard(this.props, first, this.fetch.bind(this)));
    }

    async fetch({ date_to: dateTo, ...filters }) {
        // up to today is what the server does by itself, and it knows best which day that is
        if (dateTo < serializeDate(getToday())) {
            filters.date_to = dateTo;
        }
        const ask = (method) => this.orm.call("scp.funnel", method, [filters]);
        const [waterfall, slippage] = await Promise.all([ask("get_waterfall"), ask("get_slippage")]);
        return { ...waterfall, slippage };
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get start() {
        return { key: "start", label: _t("Pipeline on %s", formatDay(this.filters.date_from)), cell: this.data.start };
    }

    get parts() {
        return this.data.parts
            .filter((part) => part.count)
            // a win leaves the pipeline, but it is what the pipeline is for
            .map((part) => ({ ...part, cell: part, tone: part.key === "won" ? "won" : undefined }));
    }

    get end() {
        return { key: "end", label: _t("Pipeline on %s", formatDay(this.filters.date_to)), cell: this.data.end };
    }

    onDate(name, ev) {
        if (ev.target.value) {
            this.load({ [name]: ev.target.value });
        }
    }
}

registry.category("actions").add("crm_scp_core.waterfall_board", WaterfallBoard);
