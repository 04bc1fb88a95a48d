import { useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const INTERVAL = 2000;
const OPEN_STATES = ["waiting", "running"];

/** Progress of work in the background: read anew as long as the state of the record says it goes on. */
export class ScpRunProgress extends ProgressBarField {
    setup() {
        super.setup();
        useEffect(
            (state) => {
                if (!OPEN_STATES.includes(state)) {
                    return;
                }
                const timer = setInterval(() => this.refresh(), INTERVAL);
                return () => clearInterval(timer);
            },
            () => [this.props.record.data.state],
        );
    }

    async refresh() {
        // A hidden tab asks for nothing, and one question is open at a time.
        if (document.hidden || this.refreshing) {
            return;
        }
        this.refreshing = true;
        try {
            await this.props.record.load();
        } finally {
            this.refreshing = false;
        }
    }
}

export const scpRunProgress = {
    ...progressBarField,
    component: ScpRunProgress,
    displayName: _t("Live Progress"),
    fieldDependencies: [{ name: "state", type: "selection" }],
};

registry.category("fields").add("scp_run_progress", scpRunProgress);
