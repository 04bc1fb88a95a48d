import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/**
 * Opens the four fields of a complaint by phone. Only shown to who may file one.
 */
export class QuickComplaint extends Component {
    static template = "crm_scp_core.QuickComplaint";
    static props = { compact: { type: Boolean, optional: true } };

    setup() {
        this.action = useService("action");
        onWillStart(async () => {
            this.isShown = await user.hasGroup("crm_scp_core.group_scp_user");
        });
    }

    open() {
        return this.action.doAction("crm_scp_core.scp_complaint_quick_action");
    }
}

export class QuickComplaintSystray extends Component {
    static template = "crm_scp_core.QuickComplaintSystray";
    static components = { QuickComplaint };
    static props = {};
}

registry
    .category("systray")
    .add("crm_scp_core.quick_complaint", { Component: QuickComplaintSystray }, { sequence: 40 });
