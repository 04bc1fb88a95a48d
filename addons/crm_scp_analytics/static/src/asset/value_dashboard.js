import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { formatDay } from "@crm_scp_core/board/board";
import { BoardAction } from "@crm_scp_core/board/board_action";
import { Waterfall } from "@crm_scp_core/board/waterfall";
import { getEquitySteps } from "./equity_board";

/** What a manager asks of the customers first. From `scp.value.dashboard`. */
export class ValueDashboard extends BoardAction {
    static template = "crm_scp_analytics.ValueDashboard";
    static components = { ...BoardAction.components, Waterfall };
    static source = ["scp.value.dashboard", "get_dashboard"];
    static path = "value-dashboard";
    static displayName = _t("Customer Value Dashboard");

    get steps() {
        return getEquitySteps(this.data.equity);
    }

    get since() {
        return formatDay(this.data.equity.date_from);
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
}

registry.category("actions").add("crm_scp_analytics.value_dashboard", ValueDashboard);
