import { Component, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { Tooltip } from "@web/core/tooltip/tooltip";
import { useService } from "@web/core/utils/hooks";
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

const ASK_DELAY = 400;

/**
 * Life-cycle stage as a chip; hovering says why.
 *
 * Options: `reason_field`, the text field with the reason (`life_cycle_reason` by default). Where it is named but not
 * among the fields of the view, as in a list whose reasons nobody reads all, it is asked for when somebody points at
 * the chip.
 */
export class ScpLifeCycleField extends Component {
    static template = "crm_scp_core.ScpLifeCycleField";
    static props = {
        ...standardFieldProps,
        reasonField: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.popover = usePopover(Tooltip);
        onWillUnmount(() => this.onLeave());
    }

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
        return this.props.record.data[this.props.reasonField || "life_cycle_reason"] || "";
    }

    onEnter({ currentTarget }) {
        const { record, reasonField } = this.props;
        if (!reasonField || reasonField in record.data) {
            return;
        }
        const timer = browser.setTimeout(async () => {
            const [values] = await this.orm.silent.read(record.resModel, [record.resId], [reasonField]);
            if (this.timer === timer && values) {
                this.popover.open(currentTarget, { tooltip: values[reasonField] });
            }
        }, ASK_DELAY);
        this.timer = timer;
    }

    onLeave() {
        browser.clearTimeout(this.timer);
        this.timer = null;
        this.popover.close();
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
    extractProps: ({ options }) => ({ reasonField: options.reason_field }),
};

registry.category("fields").add("scp_life_cycle", scpLifeCycleField);
