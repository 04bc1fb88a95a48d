import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, formatDay } from "@crm_scp_core/board/board";
import { useBoard } from "@crm_scp_core/board/board_hook";
import { Figure, formatFigure } from "@crm_scp_core/board/figure";
import { Waterfall } from "@crm_scp_core/board/waterfall";
import { ScoringPair } from "./scoring_pair";

/** What `Waterfall` draws of the data of `scp.value.asset.get_waterfall`. */
export function getEquitySteps(data) {
    return {
        start: { key: "start", label: _t("Equity on %s", formatDay(data.date_from)), cell: data.opening },
        parts: data.parts.map((part) => ({ key: part.key, label: part.label, cell: part })),
        end: { key: "end", label: _t("Equity on %s", formatDay(data.date_to)), cell: data.closing },
        currencyId: data.currency.id,
    };
}

/** What the customers were worth, and what made the difference. From `scp.value.asset`. */
export class EquityBoard extends Component {
    static template = "crm_scp_analytics.EquityBoard";
    static components = { Board, Figure, ScoringPair, Waterfall };
    static props = { ...standardActionServiceProps };
    static path = "customer-equity";
    static displayName = _t("Customer Equity");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        const fetch = (filters) => this.orm.call("scp.value.asset", "get_waterfall", [filters]);
        Object.assign(this, useBoard(this.props, {}, fetch));
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get steps() {
        return getEquitySteps(this.data);
    }

    formatMoney(value) {
        return formatFigure(value, "money", this.data.currency.id);
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

registry.category("actions").add("crm_scp_analytics.equity_board", EquityBoard);
