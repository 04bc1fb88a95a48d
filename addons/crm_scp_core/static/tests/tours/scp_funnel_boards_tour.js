import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const back = { trigger: ".breadcrumb-item a, .o_back_button", run: "click" };
const records = { trigger: ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record:not(.o_kanban_ghost)" };

function fits() {
    const { scrollWidth, clientWidth } = document.querySelector(".o_scp_board .o_content");
    if (scrollWidth > clientWidth) {
        throw new Error(`The board scrolls sideways: ${scrollWidth} > ${clientWidth}`);
    }
}

/** A figure opens its records, and coming back finds the board with its filters. */
tours.add("scp_funnel_board", {
    steps: () => [
        { trigger: ".o_scp_funnel_step:contains(Top)", run: fits },
        { trigger: "select[aria-label=Steps]", run: "select stage" },
        { trigger: ".o_scp_funnel_step:contains(Proposition) .o_scp_funnel_count button", run: "click" },
        records,
        back,
        { trigger: ".o_scp_funnel_step:contains(Proposition)" },
    ],
});

tours.add("scp_waterfall_board", {
    steps: () => [
        { trigger: ".o_scp_waterfall_row:contains(Created)", run: fits },
        { trigger: ".o_scp_waterfall_row:contains(Created) button", run: "click" },
        records,
        back,
        { trigger: ".o_scp_waterfall_row:last-child:contains(Pipeline)" },
    ],
});

tours.add("scp_gap_board", {
    steps: () => [
        { trigger: ".o_scp_gap tbody tr:contains(Upper)", run: fits },
        { trigger: ".o_scp_gap tbody tr:contains(Upper) td:last-child button", run: "click" },
        { trigger: ".o_scp_gap_focus:contains(Upper)" },
        { trigger: ".o_scp_gap_cell.active" },
    ],
});

tours.add("scp_forecast_board", {
    steps: () => [
        { trigger: ".o_scp_board_cards tbody tr", run: fits },
        { trigger: "select[aria-label=Period]", run: "select quarter" },
        { trigger: ".o_scp_board_cards th:contains(Q)" },
        { trigger: ".o_scp_board section[aria-label=Calibration]" },
    ],
});
