import "@crm/views/crm_form/crm_form";
import { CrmKanbanDynamicGroupList } from "@crm/views/crm_kanban/crm_kanban_model";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";

/**
 * Ask what the server wants to know about a deal that has just moved: why it passes a soft gate, why
 * it was won. The move is made; each dialog may be closed without an answer, and who has left the
 * page meanwhile is not asked.
 *
 * @param {import("@web/model/relational_model/relational_model").RelationalModel} model
 * @param {number} leadId
 * @param {() => Promise<void>} [reload] show what the answers have changed
 */
export async function askAboutMove(model, leadId, reload) {
    try {
        const questions = await model.orm.call("crm.lead", "get_scp_move_questions", [[leadId]]);
        for (const question of questions) {
            await new Promise((resolve) => model.action.doAction(question, { onClose: resolve }));
        }
        if (questions.length) {
            await reload?.();
        }
    } catch (error) {
        // how a service answers a view that is gone
        if (error.message !== "Component is destroyed") {
            throw error;
        }
    }
}

patch(CrmKanbanDynamicGroupList.prototype, {
    async moveRecord(dataRecordId, dataGroupId, refId, targetGroupId) {
        const sourceGroup = this.groups.find((group) => group.id === dataGroupId);
        const record = sourceGroup?.list.records.find(({ id }) => id === dataRecordId);
        const result = await super.moveRecord(...arguments);
        if (record && dataGroupId !== targetGroupId && sourceGroup.groupByField.name === "stage_id") {
            // not awaited: the card would look busy as long as the dialog is open
            askAboutMove(this.model, record.resId);
        }
        return result;
    },
});

const crmFormView = registry.category("views").get("crm_form");

patch(crmFormView.Model.Record.prototype, {
    async _save() {
        const moves = this.resModel === "crm.lead" && this.resId && "stage_id" in this._changes;
        const saved = await super._save(...arguments);
        if (saved && moves) {
            // not awaited: the record would stay locked as long as the dialog is open
            askAboutMove(this.model, this.resId, () => this.load());
        }
        return saved;
    },
});

crmFormView.Controller = class extends crmFormView.Controller {
    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(...arguments);
        const { resModel, resId } = this.model.root;
        if (resModel === "crm.lead" && clickParams.name === "action_set_won_rainbowman") {
            askAboutMove(this.model, resId, () => this.model.root.load());
        }
    }
};
