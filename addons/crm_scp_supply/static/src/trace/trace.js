import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatDay } from "@crm_scp_core/board/board";
import { GenealogyGraph, formatQuantity } from "./genealogy_graph";

/** Where the goods of lots went and where they came from, from `scp.trace`. */
export class Trace extends Component {
    static template = "crm_scp_supply.Trace";
    static components = { Layout, GenealogyGraph };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Trace");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatDay = formatDay;
        this.formatQuantity = formatQuantity;
        this.display = { controlPanel: {} };
        this.state = useState({ data: undefined });
        onWillStart(async () => {
            const { params, context } = this.props.action;
            const ids = params.res_ids || (context.active_id ? [context.active_id] : []);
            // without an origin, as after the address was typed in, the page tells how to get one
            if (ids.length) {
                this.state.data = await this.orm.call("scp.trace", "get_trace", [params.model, ids, params.role]);
                this.env.config.setDisplayName(_t("Trace of %s", this.state.data.title));
            }
        });
    }

    chooseLot() {
        this.action.doAction("crm_scp_supply.scp_trace_lot_action");
    }

    openDocument(model, id) {
        this.openRecords(model, [id]);
    }

    /** Open one record, or a list of several. */
    openRecords(model, ids, name) {
        const views = [[false, "form"]];
        if (ids.length > 1) {
            views.unshift([false, this.env.isSmall ? "kanban" : "list"]);
        }
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            res_id: ids.length === 1 ? ids[0] : false,
            domain: [["id", "in", ids]],
            views,
        });
    }
}

registry.category("actions").add("crm_scp_supply.trace", Trace);
