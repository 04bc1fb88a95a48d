import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, getMonthsAgo, PERIODS } from "../../board/board";
import { useBoard } from "../../board/board_hook";
import { Figure, formatFigure } from "../../board/figure";

const LEAKS = [
    ["reason", _t("By reason")],
    ["competitor", _t("By competitor")],
    ["band", _t("By band")],
    ["stage", _t("By stage")],
];
const LEAK_LINES = 8;

const LEVERS = [
    { name: "deals", label: _t("Deals in pursuit"), format: "count" },
    { name: "win_rate", label: _t("Win rate"), format: "percent" },
    { name: "value", label: _t("Value of a won deal"), format: "money" },
    { name: "cycle", label: _t("Days to win"), format: "days" },
];

/** Conversion, win rates, velocity and leakage of the deals of a period, from `scp.funnel`. */
export class FunnelBoard extends Component {
    static template = "crm_scp_core.FunnelBoard";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "funnel";
    static displayName = _t("Funnel");

    setup() {
        this.orm = useService("orm");
        this.periods = PERIODS;
        this.formatFigure = formatFigure;
        const first = { months: 12, by: "band", rule: "reached", leak: "reason" };
        Object.assign(this, useBoard(this.props, first, this.fetch.bind(this)));
    }

    async fetch({ months, leak, ...choice }) {
        const filters = { ...choice, date_from: getMonthsAgo(months) };
        const ask = (method, ...more) => this.orm.call("scp.funnel", method, [filters, ...more]);
        const [conversion, outcome, velocity] = await Promise.all([
            ask("get_conversion"),
            ask("get_outcome", leak),
            ask("get_velocity"),
        ]);
        return { conversion, outcome, velocity, currencyId: conversion.currency_id };
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get leaks() {
        return LEAKS;
    }

    get isEmpty() {
        return this.data.conversion.steps.every((step) => !step.entered.value);
    }

    /** Groups that lost anything, most value first. */
    get leakGroups() {
        return this.data.outcome.groups
            .filter((group) => group.lost.value)
            .sort((one, other) => other.lost_value.value - one.lost_value.value)
            .slice(0, LEAK_LINES);
    }

    getLeakShare(group) {
        return group.lost_value.value / (this.data.outcome.total.lost_value.value || 1);
    }

    getWidth(step) {
        const widest = Math.max(...this.data.conversion.steps.map((other) => other.entered.value), 1);
        return (100 * step.entered.value) / widest;
    }

    getNextText(step) {
        return _t("%(share)s go on (n = %(n)s)", {
            share: formatFigure(step.next.rate, "percent"),
            n: step.next.n,
        });
    }

    getNextHelp(step) {
        return _t(
            "%(moved)s of the %(n)s deals whose outcome is known went on: %(smoothed)s after smoothing by one success and one failure. %(open)s are too young to tell and are left out.",
            {
                moved: step.moved.value,
                n: step.next.n,
                smoothed: formatFigure(step.next.smoothed, "percent"),
                open: step.immature.value,
            }
        );
    }

    getWinText(step) {
        return step.win.n ? _t("%s are won", formatFigure(step.win.rate, "percent")) : _t("no data");
    }

    getSkipText(step) {
        return _t("%s skipped it", formatFigure(step.skip.rate, "percent"));
    }

    getSkipHelp(step) {
        return _t(
            "%(skipped)s of the %(n)s won and lost deals of a later step were never seen here. Is the step needed, or is it not kept up?",
            { skipped: step.skipped.value, n: step.skip.n }
        );
    }

    get levers() {
        const { levers } = this.data.velocity;
        return LEVERS.map((lever) => ({
            ...lever,
            cell: levers[lever.name],
            gain: formatFigure(levers[lever.name].gain, "money", this.data.currencyId),
        }));
    }
}

registry.category("actions").add("crm_scp_core.funnel_board", FunnelBoard);
