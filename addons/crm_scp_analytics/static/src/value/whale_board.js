import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, PERIODS } from "@crm_scp_core/board/board";
import { useBoard } from "@crm_scp_core/board/board_hook";
import { Figure, formatFigure } from "@crm_scp_core/board/figure";

const CHART = { width: 900, height: 240 };

/** Profit added up over the customers, the best first, and who takes it away again. From `scp.value.whale`. */
export class WhaleBoard extends Component {
    static template = "crm_scp_analytics.WhaleBoard";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "whale-curve";
    static displayName = _t("Whale Curve");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        this.periods = PERIODS;
        const fetch = (filters) => this.orm.call("scp.value.whale", "get_whale", [filters]);
        Object.assign(this, useBoard(this.props, { months: 12 }, fetch));
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get currencyId() {
        return this.data.currency.id;
    }

    get chart() {
        const { width, height } = CHART;
        const profits = this.data.curve.map(([, profit]) => profit);
        const top = Math.max(...profits, 0);
        const bottom = Math.min(...profits, 0);
        const toY = (profit) => ((top - profit) / (top - bottom || 1)) * height;
        const points = this.data.curve.map(([share, profit]) => [share * width, toY(profit)]);
        const line = points.map((point) => point.join(",")).join(" ");
        const peak = points[profits.indexOf(top)];
        return {
            width,
            height,
            line,
            area: `0,${toY(0)} ${line} ${width},${toY(0)}`,
            zero: toY(0),
            peak: { x: peak[0], y: peak[1] },
            end: { x: width, y: points.at(-1)[1] },
        };
    }

    openCustomer(partnerId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partnerId,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("crm_scp_analytics.whale_board", WhaleBoard);
