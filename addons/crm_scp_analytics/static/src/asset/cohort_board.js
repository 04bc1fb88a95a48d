import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BoardAction } from "@crm_scp_core/board/board_action";
import { formatFigure } from "@crm_scp_core/board/figure";

/** Shares from which a cell is a step darker. */
const HEAT = [0.1, 0.25, 0.5, 0.75];

/** Customers by their first purchase, and who bought again how much later. From `scp.value.cohort`. */
export class CohortBoard extends BoardAction {
    static template = "crm_scp_analytics.CohortBoard";
    static source = ["scp.value.cohort", "get_cohorts"];
    static path = "cohorts";
    static displayName = _t("Cohort Retention");

    setup() {
        super.setup();
        this.view = useState({ measure: "retention" });
    }

    get firstFilters() {
        return { step: "month", count: 12 };
    }

    get isMoney() {
        return this.view.measure === "money";
    }

    get counts() {
        const step = this.data.step;
        return [6, 12, 24].map((count) => [count, step === "month" ? _t("%s months", count) : _t("%s quarters", count)]);
    }

    get sizeLabel() {
        return this.isMoney ? _t("First revenue") : _t("Customers");
    }

    getCells(row) {
        return row[this.view.measure];
    }

    formatAge(age) {
        return this.data.step === "month" ? _t("+%s mo.", age) : _t("+%s qu.", age);
    }

    getHeat(cell) {
        if (!cell) {
            return "";
        }
        const step = cell.value ? HEAT.filter((share) => cell.value >= share).length : "none";
        return `o_scp_heat_${step}${cell.is_open ? " o_scp_heat_open" : ""}`;
    }

    /** What a cell says in full: the parts of the share, and the period. */
    getHelp(cell) {
        const format = this.isMoney ? "money" : "count";
        const part = formatFigure(cell.part, format, this.data.currency.id);
        const whole = formatFigure(cell.whole, format, this.data.currency.id);
        if (!cell.label) {
            return _t("%(part)s of %(whole)s, of all that have been so old for a whole period", { part, whole });
        }
        return cell.is_open
            ? _t("%(part)s of %(whole)s in %(period)s, so far", { part, whole, period: cell.label })
            : _t("%(part)s of %(whole)s in %(period)s", { part, whole, period: cell.label });
    }
}

registry.category("actions").add("crm_scp_analytics.cohort_board", CohortBoard);
