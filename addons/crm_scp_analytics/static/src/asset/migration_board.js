import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BoardAction } from "@crm_scp_core/board/board_action";
import { formatFigure } from "@crm_scp_core/board/figure";
import { ScoringPair } from "./scoring_pair";

/** Change of worth of the customers of a figure, with its sign; nothing where there are no forecasts. */
export function formatChange({ before, after }, currencyId) {
    if (before === null && after === null) {
        return "";
    }
    const change = (after || 0) - (before || 0);
    return `${change > 0 ? "+" : ""}${formatFigure(change, "money", currencyId)}`;
}

/** From which grade to which the customers went. From `scp.value.asset`. */
export class MigrationBoard extends BoardAction {
    static template = "crm_scp_analytics.MigrationBoard";
    static components = { ...BoardAction.components, ScoringPair };
    static source = ["scp.value.asset", "get_migration"];
    static path = "grade-migration";
    static displayName = _t("Grade Migration");

    formatChange(cell) {
        return formatChange(cell, this.currencyId);
    }

    /** Colour of a cell: where customers stay, rise (or come) and fall (or go). */
    getMoveClass(before, after) {
        const step = this.data.order.indexOf(after.key) - this.data.order.indexOf(before.key);
        const move = step ? (step < 0 ? "o_scp_move_up" : "o_scp_move_down") : "o_scp_move_same";
        return before.cells[after.key].value ? move : `${move} o_scp_move_none`;
    }
}

registry.category("actions").add("crm_scp_analytics.migration_board", MigrationBoard);
