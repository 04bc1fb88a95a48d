import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, formatDay, getToday } from "../../board/board";
import { useBoard } from "../../board/board_hook";
import { Figure, formatFigure } from "../../board/figure";

/** What led from the pipeline of one day to that of another, from `scp.funnel.get_waterfall`. */
export class WaterfallBoard extends Component {
    static template = "crm_scp_core.WaterfallBoard";
    static components = { Board, Figure };
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

    /** Rows of the picture; each floats from where the one before it ended. */
    get rows() {
        const { start, parts, end } = this.data;
        let level = start.value;
        const rows = [
            { key: "start", label: _t("Pipeline on %s", formatDay(this.filters.date_from)), cell: start, from: 0, to: level },
        ];
        for (const part of parts) {
            if (part.count) {
                rows.push({ ...part, cell: part, from: level, to: level + part.value });
                level += part.value;
            }
        }
        rows.push({ key: "end", label: _t("Pipeline on %s", formatDay(this.filters.date_to)), cell: end, from: 0, to: end.value });
        const highest = Math.max(...rows.flatMap((row) => [row.from, row.to]), 1);
        return rows.map((row) => ({
            ...row,
            left: (100 * Math.min(row.from, row.to)) / highest,
            width: (100 * Math.abs(row.to - row.from)) / highest,
            tone: this.getTone(row),
        }));
    }

    getTone({ key, from, to }) {
        if (["start", "end"].includes(key)) {
            return "total";
        }
        // a win leaves the pipeline, but it is what the pipeline is for
        return key === "won" ? "won" : to < from ? "down" : "up";
    }

    onDate(name, ev) {
        if (ev.target.value) {
            this.load({ [name]: ev.target.value });
        }
    }
}

registry.category("actions").add("crm_scp_core.waterfall_board", WaterfallBoard);
