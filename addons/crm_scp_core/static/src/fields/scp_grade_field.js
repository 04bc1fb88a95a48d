import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const TRENDS = {
    up: { icon: "fa-arrow-up", label: _t("Rising") },
    same: { icon: "fa-minus", label: _t("Unchanged") },
    down: { icon: "fa-arrow-down", label: _t("Falling") },
};

/**
 * Value grade of a customer and where it is heading. Grades are only ever given by the scoring,
 * so the field does not edit. Without a grade it says so instead of showing nothing.
 *
 * Options: `trend_field`, the selection field of the trend; `show_label`, write the trend out.
 */
export class ScpGradeField extends Component {
    static template = "crm_scp_core.ScpGradeField";
    static props = {
        ...standardFieldProps,
        trendField: { type: String, optional: true },
        showLabel: { type: Boolean, optional: true },
    };

    get name() {
        return this.props.record.data[this.props.name]?.display_name;
    }

    get letterClass() {
        const letter = this.name.toLowerCase();
        return /^[a-d]$/.test(letter) ? `o_scp_grade_${letter}` : "";
    }

    get trendKey() {
        return this.props.trendField && this.props.record.data[this.props.trendField];
    }

    get trend() {
        return TRENDS[this.trendKey];
    }
}

export const scpGradeField = {
    component: ScpGradeField,
    displayName: _t("Value grade"),
    supportedTypes: ["many2one"],
    supportedOptions: [
        {
            label: _t("Trend field"),
            name: "trend_field",
            type: "field",
            availableTypes: ["selection"],
        },
        { label: _t("Write the trend out"), name: "show_label", type: "boolean" },
    ],
    extractProps: ({ options }) => ({
        trendField: options.trend_field,
        showLabel: Boolean(options.show_label),
    }),
};

registry.category("fields").add("scp_grade", scpGradeField);
