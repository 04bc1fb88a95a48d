import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { BoardAction } from "@crm_scp_core/board/board_action";

/** What a version of the value model would change, and how right it would have been. From `scp.value.model`. */
export class ValueTrialBoard extends BoardAction {
    static template = "crm_scp_analytics.ValueTrialBoard";
    static source = ["scp.value.model", "get_trial"];
    static path = "value-trial";
    static displayName = _t("Value Model on Trial");

    get firstFilters() {
        return { model_id: this.props.action.params?.model_id };
    }

    choose(ev) {
        this.load({ model_id: Number(ev.target.value) });
    }

    openModel() {
        this.openForm("scp.value.model", this.data.model.id);
    }

    /** Colour of a cell of a table from grade to grade: where customers stay, rise and fall. */
    getMoveClass(grades, from, to) {
        const places = grades.map((grade) => grade.id);
        const step = places.indexOf(to) - places.indexOf(from);
        return step ? (step < 0 ? "o_scp_move_up" : "o_scp_move_down") : "o_scp_move_same";
    }

    get companyName() {
        return user.activeCompany.name;
    }
}

registry.category("actions").add("crm_scp_analytics.value_trial_board", ValueTrialBoard);
