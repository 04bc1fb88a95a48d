import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, formatDay } from "@crm_scp_core/board/board";
import { useBoard } from "@crm_scp_core/board/board_hook";
import { Figure, formatFigure } from "@crm_scp_core/board/figure";
import { Waterfall } from "@crm_scp_core/board/waterfall";
import { getEquitySteps } from "./equity_board";

/** What a manager asks of the customers first. From `scp.value.dashboard`. */
export class ValueDashboard extends Component {
    static template = "crm_scp_analytics.ValueDashboard";
    static components = { Board, Figure, Waterfall };
    static props = { ...standardActionServiceProps };
    static path = "value-dashboard";
    static displayName = _t("Customer Value Dashboard");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        const fetch = (filters) => this.orm.call("scp.value.dashboard", "get_dashboard", [filters]);
        Object.assign(this, useBoard(this.props, {}, fetch));
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

    get steps() {
        return getEquitySteps(this.data.equity);
    }

    get since() {
        return formatDay(this.data.equity.date_from);
    }

    formatMoney(value) {
        return formatFigure(value, "money", this.currencyId);
    }

    /** A share of change, with its sign. */
    formatChange(share) {
        if (share === null) {
            return _t("no data");
        }
        const text = formatPercentage(Math.abs(share), { digits: [16, 0] });
        return share < 0 ? `−${text}` : `+${text}`;
    }

    getTone(share) {
        return share === null ? "muted" : share < 0 ? "danger" : "success";
    }

    openBoard(xmlId) {
        this.action.doAction(`crm_scp_analytics.${xmlId}`);
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

registry.category("actions").add("crm_scp_analytics.value_dashboard", ValueDashboard);
