import { Component } from "@odoo/owl";
import { Figure } from "./figure";

/**
 * From one total to another: bars that each float from where the one before it ended.
 *
 * `start`, `end` and each of `parts` are `{key, label, cell, tone}`, `cell` a figure in money with the `count` of its
 * records. Without a tone, parts above zero go up and those below it go down.
 */
export class Waterfall extends Component {
    static template = "crm_scp_core.Waterfall";
    static components = { Figure };
    static props = {
        start: Object,
        parts: Array,
        end: Object,
        currencyId: Number,
    };

    get rows() {
        const { start, parts, end } = this.props;
        let level = start.cell.value;
        const rows = [{ ...start, from: 0, to: level, tone: "total" }];
        for (const part of parts) {
            const to = level + part.cell.value;
            rows.push({ ...part, from: level, to, tone: part.tone || (to < level ? "down" : "up") });
            level = to;
        }
        rows.push({ ...end, from: 0, to: end.cell.value, tone: "total" });
        const highest = Math.max(...rows.flatMap((row) => [row.from, row.to]), 1);
        return rows.map((row) => ({
            ...row,
            left: (100 * Math.min(row.from, row.to)) / highest,
            width: (100 * Math.abs(row.to - row.from)) / highest,
        }));
    }
}
