import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BoardAction } from "../../board/board_action";
import { formatFigure } from "../../board/figure";

const STATES = {
    hole: { tone: "danger", icon: "fa-exclamation-triangle", label: _t("Hole") },
    thin: { tone: "warning", icon: "fa-exclamation-circle", label: _t("Thin") },
    red: { tone: "danger", icon: "fa-exclamation-triangle", label: _t("Below target") },
    ok: { tone: "success", icon: "fa-check", label: _t("Enough") },
    no_target: { tone: "muted", icon: "fa-question", label: _t("No target") },
    no_data: { tone: "muted", icon: "fa-question", label: _t("No data") },
};

/** Bands by coming months: where deals are missing, and what to do about it. From `scp.gap`. */
export class GapBoard extends BoardAction {
    static template = "crm_scp_core.GapBoard";
    static source = ["scp.gap", "get_gap"];
    static path = "funnel-gaps";
    static displayName = _t("Gap Radar");

    setup() {
        super.setup();
        this.states = STATES;
        this.chosen = useState({ band: undefined, month: undefined });
    }

    /** The cell whose sentence is written out: the one chosen, else the first where something can be done. */
    get focus() {
        const { bands, months } = this.data;
        const cells = months.flatMap((month) => bands.map((band) => ({ band, month, cell: band.cells[month.key] })));
        return (
            cells.find(({ band, month }) => band.key === this.chosen.band && month.key === this.chosen.month) ||
            cells.find(({ cell }) => cell.state === "hole" && !cell.is_late) ||
            cells.find(({ cell }) => ["hole", "thin"].includes(cell.state)) ||
            cells[0]
        );
    }

    choose(band, month) {
        Object.assign(this.chosen, { band: band.key, month: month.key });
    }

    getBandHelp(band) {
        return _t("%(share)s of the deals that get here are won, half of them within %(days)s (n = %(n)s).", {
            share: formatFigure(band.probability, "percent"),
            days: formatFigure(band.days, "days"),
            n: band.deals,
        });
    }
}

registry.category("actions").add("crm_scp_core.gap_board", GapBoard);
