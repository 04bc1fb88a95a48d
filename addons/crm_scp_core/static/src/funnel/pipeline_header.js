import { onMounted, useState } from "@odoo/owl";
import { CrmKanbanRenderer } from "@crm/views/crm_kanban/crm_kanban_renderer";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatPercentage } from "@web/views/fields/formatters";

/** Column of the pipeline that says how many of its deals go on to the next one. */
export class PipelineHeader extends CrmKanbanRenderer.components.KanbanHeader {
    static template = "crm_scp_core.PipelineHeader";

    setup() {
        super.setup();
        this.action = useService("action");
        this.dropOff = useService("scp_drop_off");
        this.dropOffState = useState(this.dropOff.state);
        onMounted(() => this.isStage && this.dropOff.load());
    }

    get isStage() {
        return this.group.groupByField.name === "stage_id";
    }

    /** Conversion of the stage of this column; undefined without any deal whose outcome is known. */
    get step() {
        const step = this.isStage && this.dropOffState.steps[this.group.value];
        return step && step.next?.n ? step : undefined;
    }

    get dropOffText() {
        return _t("%(share)s go on", {
            share: formatPercentage(this.step.next.rate, { digits: [16, 0] }),
        });
    }

    get dropOffHelp() {
        return _t(
            "%(moved)s of %(n)s deals that came here in the last 12 months and whose outcome is known went on to a later stage. %(open)s more are still open.",
            {
                moved: this.step.moved.value,
                n: this.step.next.n,
                open: this.step.immature.value,
            }
        );
    }

    openDropOff() {
        const { model, domain, context } = this.step.mature;
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Came to %(stage)s", { stage: this.group.displayName }),
            res_model: model,
            domain,
            context: { ...context, group_by: ["stage_id"] },
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

CrmKanbanRenderer.components.KanbanHeader = PipelineHeader;
