import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board } from "@crm_scp_core/board/board";
import { useBoard } from "@crm_scp_core/board/board_hook";
import { Figure, formatFigure } from "@crm_scp_core/board/figure";

/** What a version of the value model would change, and how right it would have been. From `scp.value.model`. */
export class ValueTrialBoard extends Component {
    static template = "crm_scp_analytics.ValueTrialBoard";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "value-trial";
    static displayName = _t("Value Model on Trial");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        const first = { model_id: this.props.action.params?.model_id };
        const fetch = (filters) => this.orm.call("scp.value.model", "get_trial", [filters]);
        Object.assign(this, useBoard(this.props, first, fetch));
    }

    get data() {
        return this.state.data;
    }

    get filters() {
        return this.state.filters;
    }

    get currencyId() {
        return this.data.currency.id;
    }

    choose(ev) {
        this.load({ model_id: Number(ev.target.value) });
    }

    openModel() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "scp.value.model",
            res_id: this.data.model.id,
            views: [[false, "form"]],
        });
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
