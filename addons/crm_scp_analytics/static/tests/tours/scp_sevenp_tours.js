import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("scp_sevenp", {
    steps: () => [
        {
            content: "Open a customer",
            trigger: ".o_data_row:contains('Beta') .o_data_cell:first",
            run: "click",
        },
        {
            content: "The radar has a point for each P with data",
            trigger: ".o_scp_sevenp svg .o_scp_sevenp_point",
        },
        {
            content: "His discount is told",
            trigger: ".o_scp_sevenp_side[data-code='promotion']:contains('20 %')",
        },
        {
            content: "Open what he bought",
            trigger: ".o_scp_sevenp_side[data-code='product'] .btn-link",
            run: "click",
        },
        {
            content: "By product",
            trigger: ".o_list_view .o_group_header:contains('Pump')",
        },
    ],
});
