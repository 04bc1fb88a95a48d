import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Board, formatDay } from "@crm_scp_core/board/board";
import { useBoard } from "@crm_scp_core/board/board_hook";
import { Figure } from "@crm_scp_core/board/figure";

const ICONS = { late: "fa-clock-o", short: "fa-minus-circle", quality: "fa-wrench", document: "fa-file-text-o" };

/** What goes wrong along the chain, from `scp.control.tower`: most money at risk first. */
export class ControlTower extends Component {
    static template = "crm_scp_supply.ControlTower";
    static components = { Board, Figure };
    static props = { ...standardActionServiceProps };
    static path = "control-tower";
    static displayName = _t("Control Tower");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatDay = formatDay;
        this.icons = ICONS;
        Object.assign(
            this,
            useBoard(this.props, {}, (filters) => this.orm.call("scp.control.tower", "get_tower", [filters]))
        );
    }

    get data() {
        return this.state.data;
    }

    get kindLabels() {
        return Object.fromEntries(this.data.kinds.map((kind) => [kind.key, kind.label]));
    }

    /** Width of a bar beside the longest, in percent. */
    getShare(amount) {
        return (100 * amount) / Math.max(...this.data.kinds.map((kind) => kind.amount.value), 1);
    }

    openRow(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "scp.exception",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("crm_scp_supply.control_tower", ControlTower);
