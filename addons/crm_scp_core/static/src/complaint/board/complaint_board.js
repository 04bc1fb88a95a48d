import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, getMonthsAgo, PERIODS } from "../../board/board";
import { useBoard } from "../../board/board_hook";
import { Figure, formatFigure } from "../../board/figure";

const TILES = ["received", "first_response", "resolution", "hit_rate", "satisfaction", "cost"];
const TIMES = ["acknowledge", "first_response", "first_resolution", "resolution", "net_resolution", "late_by"];
const SHARES = [
    "acknowledge_in_time",
    "first_contact_rate",
    "reopen_rate",
    "repeat_rate",
    "justified_share",
    "satisfaction",
    "response_rate",
    "solved_rate",
    "root_cause_in_time",
    "actions_on_time",
    "effectiveness",
    "recurrence_rate",
    "retention",
    "retention_matched",
    "silent_share",
];
const SMALL_MONTHS = 12;

/** How complaints are handled, from `scp.complaint.kpi`: what a manager looks at every week. */
export class ComplaintBoard extends Component {
    static template = "crm_scp_core.ComplaintBoard";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "complaint-board";
    static displayName = _t("Complaint Dashboard");

    setup() {
        this.orm = useService("orm");
        this.periods = PERIODS;
        this.formatFigure = formatFigure;
        Object.assign(this, useBoard(this.props, { months: 12 }, this.fetch.bind(this)));
    }

    fetch({ months, ...filters }) {
        return this.orm.call("scp.complaint.kpi", "get_kpis", [{ ...filters, date_from: getMonthsAgo(months) }]);
    }

    get data() {
        return this.state.data;
    }

    get tiles() {
        return this.pick(TILES);
    }

    get times() {
        return this.pick(TIMES);
    }

    get shares() {
        return this.pick(SHARES);
    }

    /** Figures by name: who may not read actions has none of them. */
    pick(keys) {
        return keys.map((key) => this.data.figures[key]).filter(Boolean);
    }

    get trend() {
        return this.env.isSmall ? this.data.trend.slice(-SMALL_MONTHS) : this.data.trend;
    }

    get rates() {
        return this.data.rates.filter((rate) => rate.value !== null);
    }

    getMonth(day, format) {
        return deserializeDate(day).toLocaleString(format);
    }

    /** Width or height of a bar beside the longest of its kind, in percent. */
    getShare(value, values) {
        return (100 * value) / Math.max(...values, 1);
    }

    getTrendHelp(month) {
        return _t("%(month)s: %(count)s received, half of them answered within %(hours)s", {
            month: this.getMonth(month.month, { month: "long", year: "numeric" }),
            count: month.received.value,
            hours: formatFigure(month.median.value, "hours"),
        });
    }

    getTileText(figure) {
        if (figure.format === "hours" && figure.value !== null) {
            return _t("median %(median)s, 90 % within %(p90)s, n = %(n)s", {
                median: formatFigure(figure.median, "hours"),
                p90: formatFigure(figure.p90, "hours"),
                n: figure.n,
            });
        }
        if (figure.key === "cost") {
            const { cost_per_complaint, cost_of_revenue } = this.data.figures;
            const each = formatFigure(cost_per_complaint.value, "money", this.data.currency_id);
            return cost_of_revenue.value === null
                ? _t("%s per complaint", each)
                : _t("%(each)s per complaint, %(share)s of revenue", {
                      each,
                      share: formatFigure(cost_of_revenue.value, "share"),
                  });
        }
        return figure.n === null ? "" : _t("n = %s", figure.n);
    }

    getTone(rate) {
        return rate >= 0.95 ? "success" : rate >= 0.8 ? "warning" : "danger";
    }

    getToneLabel(rate) {
        return { success: _t("on time"), warning: _t("watch"), danger: _t("too often late") }[this.getTone(rate)];
    }

    getInterval(rate) {
        return _t("%(low)s to %(high)s", {
            low: formatFigure(rate.low, "decimal"),
            high: formatFigure(rate.high, "decimal"),
        });
    }
}

registry.category("actions").add("crm_scp_core.complaint_board", ComplaintBoard);
