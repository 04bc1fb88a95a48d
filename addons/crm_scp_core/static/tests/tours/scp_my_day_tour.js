import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The day of a salesperson: each section has its record, opens it, and its number opens the list. */
tours.add("scp_my_day", {
    steps: () => [
        {
            content: "The reason of a call is a sentence",
            trigger: "[data-section=calls] .o_scp_item:contains(Silent Mills):contains(No contact)",
        },
        { trigger: "[data-section=activities] .o_scp_item:contains(Ask for the drawing)" },
        { trigger: "[data-section=activities] .o_scp_chip_danger:contains(overdue)" },
        { trigger: "[data-section=quotations] .o_scp_chip_warning:contains(Expires)" },
        {
            content: "An item opens its record",
            trigger: "[data-section=deals] .o_scp_item:contains(Deal of Anvil Works) button",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=expected_revenue]" },
        {
            trigger: ".breadcrumb-item a:contains(My Day), .o_back_button",
            run: "click",
        },
        {
            content: "The customer to call opens his page",
            trigger: "[data-section=calls] .o_scp_item:contains(Silent Mills) button",
            run: "click",
        },
        { trigger: ".o_form_view .o_scp_customer_header" },
        {
            trigger: ".breadcrumb-item a:contains(My Day), .o_back_button",
            run: "click",
        },
        {
            content: "A number opens the records behind it",
            trigger: "[data-section=calls] .o_scp_section_all:contains(1)",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Silent Mills), .o_kanban_view .o_kanban_record:contains(Silent Mills)" },
    ],
});

/** A leader looks at his team's day. */
tours.add("scp_my_day_team", {
    steps: () => [
        {
            content: "Nothing of his own: the section says what will fill it",
            trigger: "[data-section=calls] .o_scp_section_empty:contains(appears here)",
        },
        {
            trigger: ".o_scp_my_day [data-scope=team]",
            run: "click",
        },
        { trigger: "[data-section=calls] .o_scp_item:contains(Silent Mills)" },
        { trigger: ".o_scp_my_day [data-scope=team].active" },
    ],
});

/** The phone: the same page in one column, nothing sticks out sideways. */
tours.add("scp_my_day_phone", {
    steps: () => [
        { trigger: "[data-section=calls] .o_scp_item:contains(Silent Mills)" },
        {
            trigger: ".o_scp_my_day [data-section=quotations] .o_scp_item",
            run() {
                const { scrollWidth, clientWidth } = document.querySelector(".o_scp_my_day .o_content");
                if (scrollWidth > clientWidth) {
                    throw new Error(`My day scrolls sideways: ${scrollWidth} > ${clientWidth}`);
                }
            },
        },
    ],
});
