import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const openTab = (name) => ({
    content: `Open the tab ${name}`,
    trigger: `.o_notebook .nav-link[name=${name}]`,
    run: "click",
});

/** The list by value, the same customers as cards, and the page behind both. */
tours.add("scp_customers", {
    steps: () => [
        {
            content: "The grade is a chip with its trend",
            trigger:
                ".o_data_row:contains(Anvil Works) .o_scp_grade_letter:contains(A) ~ .o_scp_trend_up",
        },
        {
            content: "The life-cycle stage is a word, not only a colour",
            trigger: ".o_data_row:contains(Anvil Works) .o_scp_chip:contains(Prospect)",
            run: "hover",
        },
        {
            content: "Who points at it reads why",
            trigger: ".o-tooltip:contains(no reason given)",
        },
        {
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "A card opens the page",
            trigger: ".o_kanban_record:contains(Anvil Works)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_scp_customer_header .o_scp_grade_letter:contains(A)",
        },
        {
            content: "Back to the cards, over to the list",
            trigger: ".o_back_button, .breadcrumb-item a:contains(Customers)",
            run: "click",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "A row opens the page too",
            trigger: ".o_data_row:contains(Anvil Works) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "One deal and one quotation are open",
            trigger: ".o_scp_customer_header [name=scp_chip_open]:contains(1,300):contains(Deals)",
        },
        openTab("scp_value"),
        { trigger: ".o_scp_figure:contains(Ordered):contains(500)" },
        openTab("scp_deals"),
        { trigger: "[name=scp_open_lead_ids] .o_data_row:contains(Deal of Anvil Works)" },
        { trigger: "[name=scp_lead_log_ids] .o_data_row" },
        openTab("scp_service"),
        { trigger: ".tab-pane.active .o_scp_empty:contains(Complaints)" },
        openTab("scp_deliveries"),
        { trigger: ".tab-pane.active .o_scp_empty:contains(promised)" },
        openTab("scp_money"),
        { trigger: ".tab-pane.active [name=scp_receivable_amount]" },
        openTab("scp_profile"),
        { trigger: ".tab-pane.active [name=scp_missing_information]:contains(Email)" },
        {
            content: "A number opens the records behind it",
            trigger: ".o_scp_customer_header button[name=action_scp_view_open_deals]",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Deal of Anvil Works)" },
    ],
});

/** A deal on the page opens as a page of its own, and the way back leads to the customer. */
tours.add("scp_customer_deal", {
    steps: () => [
        openTab("scp_deals"),
        {
            trigger: "[name=scp_open_lead_ids] .o_data_row td[name=name]",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=expected_revenue]" },
        {
            trigger: ".breadcrumb-item a:contains(Anvil Works), .o_back_button",
            run: "click",
        },
        openTab("scp_profile"),
        {
            content: "The profile is edited in place",
            trigger: "[name=scp_preferred_channel] input, [name=scp_preferred_channel] select",
        },
        {
            trigger: ".o_scp_customer_header button[name=action_scp_refresh]",
            run: "click",
        },
        { trigger: ".o_form_view .o_scp_customer_header .o_scp_grade_letter:contains(A)" },
    ],
});

/** Finance: grade and money, nothing of the work on the customer. */
tours.add("scp_customer_accountant", {
    steps: () => [
        { trigger: ".o_scp_customer_header .o_scp_grade_letter:contains(A)" },
        {
            trigger:
                ".o_notebook:not(:has(.nav-link[name=scp_value])):not(:has(.nav-link[name=scp_deals])):not(:has(.nav-link[name=scp_profile]))",
        },
        openTab("scp_money"),
        { trigger: ".tab-pane.active [name=scp_receivable_amount]" },
        { trigger: ".tab-pane.active [name=total_invoiced]" },
        { trigger: "body:not(:has(button[name=action_scp_refresh]))" },
    ],
});

/** Nobody of ours: the partner form as Odoo made it. */
tours.add("scp_customer_outsider", {
    steps: () => [
        { trigger: ".o_form_view .o_field_widget[name=name]" },
        { trigger: ".o_form_view:not(:has(.o_scp_customer_header)):not(:has([name^=scp_]))" },
    ],
});
