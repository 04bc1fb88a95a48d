import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Products to offer with a quotation, as written by `sale.order._get_scp_suggestions`. */
export class ScpSuggestionsField extends Component {
    static template = "crm_scp_analytics.ScpSuggestionsField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ busy: false });
    }

    get groups() {
        return this.props.record.data[this.props.name] || [];
    }

    /** Save what was typed, add the product on the server, and show the quotation as it is then. */
    async add(productId, optional) {
        const { record } = this.props;
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            if (await record.save()) {
                await this.orm.call("sale.order", "scp_add_suggestion", [[record.resId], productId, optional]);
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }
}

export const scpSuggestionsField = {
    component: ScpSuggestionsField,
    displayName: _t("Product Suggestions"),
    supportedTypes: ["json"],
};

registry.category("fields").add("scp_suggestions", scpSuggestionsField);
