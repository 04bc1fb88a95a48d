import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SPARKLINE = { width: 240, height: 56, margin: 6 };

/** Score of a customer, as written by `scp.value.score._prepare_card`: every text comes from there. */
export class ScpValueCard extends Component {
    static template = "crm_scp_analytics.ScpValueCard";
    static props = { ...standardFieldProps };

    get card() {
        return this.props.record.data[this.props.name] || null;
    }

    /** The four grades have colours; grades that a company adds do without. */
    get gradeClass() {
        const letter = this.card.grade.toLowerCase();
        return /^[a-d]$/.test(letter) ? `o_scp_grade_${letter}` : "";
    }

    get sparkline() {
        const { width, height, margin } = SPARKLINE;
        const history = this.card.history;
        const step = (width - 2 * margin) / Math.max(history.length - 1, 1);
        const points = history.map(({ date, value, grade }, index) => ({
            x: margin + index * step,
            y: height - margin - (value / 100) * (height - 2 * margin),
            title: _t("%(date)s: %(value)s points, grade %(grade)s", { date, value, grade }),
        }));
        return { width, height, points, path: points.map(({ x, y }) => `${x},${y}`).join(" ") };
    }

    get sparklineTitle() {
        const history = this.card.history;
        return _t("Score at the end of each month, from %(first)s to %(last)s", {
            first: history[0].date,
            last: history.at(-1).date,
        });
    }

    /** One entry per point of the 1-to-5 scale, true where the score reaches it. */
    steps(score) {
        return [1, 2, 3, 4, 5].map((step) => step <= score);
    }
}

export const scpValueCard = {
    component: ScpValueCard,
    displayName: _t("Customer Value Card"),
    supportedTypes: ["json"],
};

registry.category("fields").add("scp_value_card", scpValueCard);
