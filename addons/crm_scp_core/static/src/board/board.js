import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";

/**
 * Frame of a board: title, the choices of whose records, and a slot for choices of its own. A board
 * about the whole company, with `isWhole`, has no choice of whose records.
 *
 * `filters` and `onChange` are the state and the `load` of `useBoard`.
 */
export class Board extends Component {
    static template = "crm_scp_core.Board";
    static components = { Layout };
    static props = {
        filters: Object,
        onChange: Function,
        isLoading: Boolean,
        teamModel: { type: String, optional: true },
        isWhole: { type: Boolean, optional: true },
        slots: Object,
    };
    static defaultProps = { teamModel: "crm.team" };

    setup() {
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.state = useState({ teams: [] });
        onWillStart(async () => {
            if (this.props.isWhole) {
                return;
            }
            this.state.teams = await this.orm.cache().searchRead(this.props.teamModel, [], ["name"]);
        });
    }

    get teamId() {
        return this.props.filters.team_ids?.[0] || "";
    }

    get isMine() {
        return Boolean(this.props.filters.user_ids);
    }

    selectTeam(ev) {
        const teamId = Number(ev.target.value);
        this.props.onChange({ team_ids: teamId ? [teamId] : undefined });
    }

    toggleMine() {
        this.props.onChange({ user_ids: this.isMine ? undefined : [user.userId] });
    }
}

/** The day it is for the user, which the clock of his computer need not know. */
export function getToday() {
    return luxon.DateTime.now().setZone(user.tz || "local").startOf("day");
}

/** The day some months ago, as the server takes it. */
export function getMonthsAgo(months) {
    return serializeDate(getToday().minus({ months }));
}

/** A day of the server as people read it. */
export function formatDay(day) {
    return deserializeDate(day).toLocaleString(luxon.DateTime.DATE_MED);
}

/** Periods to look back over, in months. */
export const PERIODS = [
    [3, _t("3 months")],
    [6, _t("6 months")],
    [12, _t("12 months")],
    [24, _t("24 months")],
];
