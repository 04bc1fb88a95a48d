import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("scp_suggestions", {
    steps: () => [
        {
            content: "Look at what else to offer",
            trigger: "a.nav-link[name='scp_suggestions']",
            run: "click",
        },
        {
            content: "He buys pumps again: add one",
            trigger: "[data-kind='again'] .o_scp_suggestion:contains('Pump') .btn-secondary",
            run: "click",
        },
        {
            content: "A seal goes with it: let the customer decide",
            trigger: "[data-kind='together'] .o_scp_suggestion:contains('Seal') .btn-link",
            run: "click",
        },
        {
            content: "Nothing else is left to offer",
            trigger: ".o_scp_suggestions:not(:has([data-kind='together']))",
        },
        {
            content: "Both stand among the lines",
            trigger: "a.nav-link[name='order_lines']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='order_line'] .o_data_row:contains('Seal')",
        },
    ],
});
