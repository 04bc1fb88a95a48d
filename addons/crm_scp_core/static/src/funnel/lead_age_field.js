import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatFigure } from "../board/figure";

const CHIPS = {
    watch: { tone: "warning", icon: "fa-hourglass-half" },
    rot: { tone: "danger", icon: "fa-hourglass-end" },
    dead: { tone: "danger", icon: "fa-ban" },
};

/**
 * Age of a deal in its stage as a chip; a fresh deal has none, for there is nothing to do about it.
 */
export class LeadAgeField extends Component {
    static template = "crm_scp_core.LeadAgeField";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }

    get chip() {
        return CHIPS[this.data[this.props.name]];
    }

    get label() {
        const options = this.props.record.fields[this.props.name].selection;
        return options.find(([value]) => value === this.data[this.props.name])[1];
    }

    get days() {
        return formatFigure(this.data.scp_age_days, "days");
    }
}

registry.category("fields").add("scp_lead_age", {
    component: LeadAgeField,
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "scp_age_days", type: "float" },
        { name: "scp_age_reason", type: "char" },
    ],
});
