import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Clocks of a complaint as chips: what, how long, in whose time, standing or not. Hovering tells
 * the rest. The value is one clock or a list of them, see `scp.sla.clock._prepare_chip`.
 *
 * Options: `limit`, how many to show at most; `compact`, leave out in whose time; `empty`, what to
 * write when there is none.
 */
export class ScpClocksField extends Component {
    static template = "crm_scp_core.ScpClocksField";
    static props = {
        ...standardFieldProps,
        limit: { type: Number, optional: true },
        compact: { type: Boolean, optional: true },
        empty: { type: String, optional: true },
    };

    get clocks() {
        const value = this.props.record.data[this.props.name];
        const clocks = Array.isArray(value) ? value : value ? [value] : [];
        return clocks.slice(0, this.props.limit || clocks.length);
    }
}

export const scpClocksField = {
    component: ScpClocksField,
    displayName: _t("Clocks"),
    supportedTypes: ["json"],
    supportedOptions: [
        { label: _t("How many at most"), name: "limit", type: "number" },
        { label: _t("Without working hours"), name: "compact", type: "boolean" },
    ],
    extractProps: ({ options }) => ({
        limit: options.limit,
        compact: Boolean(options.compact),
        empty: options.empty,
    }),
};

registry.category("fields").add("scp_clocks", scpClocksField);
