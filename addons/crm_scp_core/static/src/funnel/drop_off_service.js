import { reactive } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { getMonthsAgo } from "../board/board";

const FRESH = 10 * 60 * 1000;
const MONTHS = 12;

/**
 * Conversion from stage to stage for the columns of the pipeline: deals that came to a stage in the
 * last twelve months and whose outcome is known. Loaded after the pipeline is shown, never before,
 * and kept for ten minutes.
 */
export const dropOffService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        const state = reactive({ steps: {} });
        let loadedAt = -FRESH;

        async function load() {
            if (performance.now() - loadedAt < FRESH) {
                return;
            }
            loadedAt = performance.now();
            const groups = ["crm_scp_core.group_scp_user", "crm_scp_core.group_scp_auditor"];
            const allowed = await Promise.all(groups.map((group) => user.hasGroup(group)));
            if (!allowed.includes(true)) {
                return;
            }
            const filters = { by: "stage", date_from: getMonthsAgo(MONTHS) };
            const { steps } = await orm.silent.call("scp.funnel", "get_conversion", [filters]);
            state.steps = Object.fromEntries(steps.map((step) => [step.key, step]));
        }

        return { state, load };
    },
};

registry.category("services").add("scp_drop_off", dropOffService);
