import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDay } from "@crm_scp_core/board/board";
import { BoardAction } from "@crm_scp_core/board/board_action";
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
export class EquityBoard extends BoardAction {
    static template = "crm_scp_analytics.EquityBoard";
    static components = { ...BoardAction.components, ScoringPair, Waterfall };
    static source = ["scp.value.asset", "get_waterfall"];
    static path = "customer-equity";
    static displayName = _t("Customer Equity");

    get steps() {
        return getEquitySteps(this.data);
    }
}

registry.category("actions").add("crm_scp_analytics.equity_board", EquityBoard);
