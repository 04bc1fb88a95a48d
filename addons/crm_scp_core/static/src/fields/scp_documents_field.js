import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * Documents of a customer, listed on his page. A click opens the document itself, full page, or
 * what the `action` of the list says, instead of a dialog over the customer.
 */
export class ScpDocumentsField extends X2ManyField {
    setup() {
        super.setup();
        this.actionService = useService("action");
    }

    async openRecord(record) {
        const { openAction } = this.archInfo;
        if (!openAction) {
            return this.switchToForm(record, {});
        }
        return this.actionService.doActionButton({
            name: openAction.action,
            type: openAction.type,
            resModel: record.resModel,
            resId: record.resId,
            resIds: record.resIds,
            context: record.context,
        });
    }
}

export const scpDocumentsField = {
    ...x2ManyField,
    component: ScpDocumentsField,
    displayName: _t("Documents"),
    additionalClasses: ["o_field_one2many"],
};

registry.category("fields").add("scp_documents", scpDocumentsField);
