import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Figures of a customer as cards: what, how much, from how many records of which period. A click
 * opens the records behind the figure. See `res.partner.scp_figures` for the shape of the value.
 */
export class ScpFiguresField extends Component {
    static template = "crm_scp_core.ScpFiguresField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get figures() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("scp_figures", {
    component: ScpFiguresField,
    displayName: _t("Figures"),
    supportedTypes: ["json"],
});
