import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board } from "./board";
import { useBoard } from "./board_hook";
import { Figure, formatFigure } from "./figure";

/** A board as client action: filters, and the data that a method of the server makes of them. */
export class BoardAction extends Component {
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    /** Model and method that are asked, with the filters. */
    static source = [];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatFigure = formatFigure;
        const [model, method] = this.constructor.source;
        const fetch = (filters) => this.orm.call(model, method, [filters]);
        Object.assign(this, useBoard(this.props, this.firstFilters, fetch));
    }

    get firstFilters() {
        return {};
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

    formatMoney(value) {
        return formatFigure(value, "money", this.currencyId);
    }

    openForm(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openCustomer(partnerId) {
        this.openForm("res.partner", partnerId);
    }
}
