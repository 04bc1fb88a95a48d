import { registry } from "@web/core/registry";

const back = (content) => ({ content, trigger: ".o_back_button", run: "click" });
const row = (text) => `.o_data_row .o_data_cell[name='partner_id']:contains('${text}')`;
const movers = ".o_scp_board_table[aria-label='Who made the difference'] tr:contains('Bob'):contains('Lost')";
const open = (board) => ({
    content: `Go on to ${board}`,
    trigger: `.o_scp_board nav button:contains('${board}')`,
    run: "click",
});

registry.category("web_tour.tours").add("scp_value_asset", {
    steps: () => [
        {
            content: "The worth of all, and that it has grown by 20 of 150",
            trigger: ".o_scp_tile:contains('customer equity, +13%')",
        },
        open("Customer equity"),
        { content: "Who made the difference is named", trigger: movers },
        {
            content: "Bob was lost",
            trigger: ".o_scp_waterfall_row:contains('Lost (1)') button",
            run: "click",
        },
        { content: "He is behind the figure", trigger: row("Bob") },
        back("To the waterfall"),
        { content: "It is back as it was", trigger: movers },
        back("To the dashboard"),
        open("Grade migration"),
        {
            content: "One customer rose",
            trigger: ".o_scp_moves .o_scp_move_up button:contains('1')",
            run: "click",
        },
        { content: "It is Ann", trigger: row("Ann") },
        back("To the matrix"),
        { content: "It is back as it was", trigger: ".o_scp_moves tfoot td:contains('3')" },
        back("To the dashboard"),
        open("Cohorts"),
        {
            content: "One of the two first customers came back after two months",
            trigger: ".o_scp_cohorts tbody tr:first td:nth-child(4) button:contains('50%')",
        },
        {
            content: "In revenue",
            trigger: "select[aria-label='Shown']",
            run: "select money",
        },
        {
            content: "25 of 150",
            trigger: ".o_scp_cohorts tbody tr:first td:nth-child(4) button:contains('17%')",
            run: "click",
        },
        { content: "The day behind it", trigger: ".o_data_row:contains('Ann')" },
        back("To the cohorts"),
        { content: "They are back", trigger: ".o_scp_cohorts" },
    ],
});
