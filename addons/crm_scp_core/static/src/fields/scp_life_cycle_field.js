import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const STAGES = {
    prospect: { tone: "muted", icon: "fa-eye" },
    new: { tone: "info", icon: "fa-leaf" },
    growing: { tone: "success", icon: "fa-line-chart" },
    stable: { tone: "info", icon: "fa-anchor" },
    at_risk: { tone: "warning", icon: "fa-exclamation-triangle" },
    lost: { tone: "danger", icon: "fa-chain-broken" },
    won_back: { tone: "success", icon: "fa-reply" },
};

/**
 * Life-cycle stage as a chip; hovering says why.
 *
 * Options: `reason_field`, the text field with the reason (`life_cycle_reason` by default).
 */
export class ScpLifeCycleField extends Component {
    static template = "crm_scp_core.ScpLifeCycleField";
    static props = {
        ...standardFieldProps,
        reasonField: { type: String, optional: true },
    };

    get stage() {
        return STAGES[this.value] || { tone: "muted", icon: "fa-circle-o" };
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const { selection } = this.props.record.fields[this.props.name];
        return selection.find(([key]) => key === this.value)?.[1];
    }

    get reason() {
        return this.props.record.data[this.props.reasonField] || "";
    }
}

export const scpLifeCycleField = {
    component: ScpLifeCycleField,
    displayName: _t("Life-cycle stage"),
    supportedTypes: ["selection"],
    supportedOptions: [
        {
            label: _t("Reason field"),
            name: "reason_field",
            type: "field",
            availableTypes: ["char"],
        },
    ],
    extractProps: ({ options }) => ({ reasonField: options.reason_field || "life_cycle_reason" }),
};

registry.category("fields").add("scp_life_cycle", scpLifeCycleField);
