import { Component } from "@odoo/owl";
import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const BOARDS = ["funnel_board", "waterfall_board", "gap_board", "forecast_board", "complaint_board"];

/** Open every board while the computer believes it is `now` in `zone`: {method: its filters}. */
async function getQuestions(now, zone) {
    luxon.Settings.now = () => Date.parse(now);
    luxon.Settings.defaultZone = zone;
    const asked = {};
    rpcBus.addEventListener("RPC:REQUEST", ({ detail: { data } }) => {
        const { model, method, args } = data.params;
        if (/^scp\.(funnel|gap|forecast|complaint\.kpi)$/.test(model)) {
            asked[method] = args[0];
        }
    });
    for (const board of BOARDS) {
        await Component.env.services.action.doAction(`crm_scp_core.${board}`);
    }
    return asked;
}

/**
 * Days of the user, where the computer is on another: today a year ago, the first days of the
 * quarter and of the month, and never an end, which the server knows best.
 */
function addTour(name, now, zone, { yearAgo, quarter, month }) {
    const expected = {
        get_conversion: yearAgo,
        get_outcome: yearAgo,
        get_velocity: yearAgo,
        get_waterfall: quarter,
        get_slippage: quarter,
        get_gap: undefined,
        get_forecast: month,
        get_kpis: yearAgo,
    };
    registry.category("web_tour.tours").add(name, {
        steps: () => [
            {
                trigger: ".o_scp_board",
                async run() {
                    const asked = await getQuestions(now, zone);
                    for (const [method, day] of Object.entries(expected)) {
                        const { date_from: from, date_to: to } = asked[method];
                        if (from !== day || to) {
                            throw new Error(`${method} was asked from ${from} to ${to}, not from ${day}`);
                        }
                    }
                },
            },
            { trigger: ".o_scp_board .o_scp_tile" },
        ],
    });
}

// New Year's Eve for a user in New York, 23:00
addTour("scp_board_days_west", "2026-01-01T04:00:00Z", "Pacific/Kiritimati", {
    yearAgo: "2024-12-31",
    quarter: "2025-10-01",
    month: "2025-12-01",
});
// New Year for a user on Kiritimati, 02:00
addTour("scp_board_days_east", "2025-12-31T12:00:00Z", "utc", {
    yearAgo: "2025-01-01",
    quarter: "2026-01-01",
    month: "2026-01-01",
});
