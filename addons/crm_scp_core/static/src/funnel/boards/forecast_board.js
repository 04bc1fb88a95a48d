import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { serializeDate } from "@web/core/l10n/dates";
import { Domain } from "@web/core/domain";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, getToday } from "../../board/board";
import { useBoard } from "../../board/board_hook";
import { Figure, formatFigure } from "../../board/figure";

const COLUMNS = [
    ["target", _t("Target")],
    ["closed", _t("Won")],
    ["commit", _t("Commit")],
    ["best_case", _t("Best case")],
    ["pipeline", _t("Pipeline")],
    ["user_line", _t("Salespeople")],
    ["predictive_line", _t("Predictive")],
    ["empirical_line", _t("Experience")],
    ["submitted", _t("Submitted")],
    ["adjusted", _t("Adjusted")],
];

/** Three lines beside what people submit, and how true each has been. From `scp.forecast`. */
export class ForecastBoard extends Component {
    static template = "crm_scp_core.ForecastBoard";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "sales-forecast";
    static displayName = _t("Forecast");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        this.columns = COLUMNS;
        this.keepLast = new KeepLast();
        const first = { period: "month", group_by: "all" };
        Object.assign(this, useBoard(this.props, first, this.fetch.bind(this)));
    }

    async fetch({ period, ...choice }) {
        const start = serializeDate(getToday().startOf(period));
        const forecast = await this.ask("get_forecast", { ...choice, period, date_from: start });
        this.loadPast({ period, ...choice });
        return { forecast };
    }

    /** How forecasts came takes longer to tell than the forecast: it is shown when it is there. */
    async loadPast(filters) {
        const [accuracy, calibration] = await this.keepLast.add(
            Promise.all([
                this.ask("get_accuracy", filters),
                this.ask("get_calibration", { ...filters, group_by: "all" }),
            ])
        );
        Object.assign(this.state.data, { accuracy, calibration });
    }

    ask(method, filters) {
        return this.orm.silent.call("scp.forecast", method, [filters]);
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get currencyId() {
        return this.data.forecast.currency.id;
    }

    /** One row per period and group, in the order people read: period first. */
    get rows() {
        const { periods, groups } = this.data.forecast;
        return periods.flatMap((period) =>
            groups.map((group) => ({
                key: `${period.key}/${group.id}`,
                label: groups.length > 1 ? `${period.label} · ${group.label}` : period.label,
                cell: group.cells[period.key],
            }))
        );
    }

    /** A score opens what was won in the periods it judges. */
    getScoreCell(score) {
        const wins = score.points.map((point) => point.actual);
        return { ...wins[0], value: score.wape, domain: Domain.or(wins.map((win) => win.domain)).toList() };
    }

    getCoverageTone({ coverage, needed_coverage: needed }) {
        if (coverage.value === null || needed.value === null) {
            return "muted";
        }
        return coverage.value >= needed.value ? "success" : "danger";
    }

    submit() {
        this.action.doAction("crm_scp_core.scp_forecast_submission_action");
    }
}

registry.category("actions").add("crm_scp_core.forecast_board", ForecastBoard);
