import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** One section of the day: a few records, each opening itself, and the number that opens them all. */
export class MyDaySection extends Component {
    static template = "crm_scp_core.MyDaySection";
    static props = { section: Object };

    setup() {
        this.action = useService("action");
    }

    open(action) {
        return this.action.doAction(action);
    }

    openItem(item, ev) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: item.res_model,
                res_id: item.res_id,
                views: [[false, "form"]],
            },
            { newWindow: ev.ctrlKey || ev.metaKey }
        );
    }

    gradeClass(grade) {
        return /^[a-d]$/i.test(grade) ? `o_scp_grade_${grade.toLowerCase()}` : "";
    }
}
