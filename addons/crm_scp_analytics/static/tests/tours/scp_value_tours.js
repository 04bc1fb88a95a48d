import { registry } from "@web/core/registry";

const openScore = [
    {
        content: "Open the best score",
        trigger: ".o_data_row:contains('Tour Customer 5') .o_data_cell:first",
        run: "click",
    },
    {
        content: "It is explained",
        trigger: ".o_scp_value_card_raising li:contains('Spent')",
    },
    {
        content: "It names what it stands on",
        trigger: ".o_scp_value_card_basis:contains('Confirmed orders, net of refunds, 24 months')",
    },
];

registry.category("web_tour.tours").add("scp_value_request", {
    steps: () => [
        {
            content: "Score the customers",
            trigger: ".o_control_panel button[name='action_run']",
            run: "click",
        },
        {
            content: "The run waits for the job, and shows how far it is",
            trigger: ".o_form_view .o_field_widget[name='progress'] [aria-valuenow='0']",
        },
        {
            content: "It can be cancelled",
            trigger: ".o_statusbar_buttons button[name='action_cancel']",
            run: "click",
        },
        {
            content: "After a question",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "And gone on with",
            trigger: ".o_statusbar_buttons button[name='action_resume']",
            run: "click",
        },
        {
            content: "It waits again",
            trigger: ".o_field_widget[name='outcome']:contains('Waiting for the scheduled job')",
        },
    ],
});

registry.category("web_tour.tours").add("scp_value_manager", {
    steps: () => [
        {
            content: "The run is listed; open it",
            trigger: ".o_data_row .o_data_cell[name='outcome']:contains('6 customers scored')",
            run: "click",
        },
        {
            content: "It names the models that forecast",
            trigger: ".o_field_widget[name='choice_id']:contains('models chosen')",
        },
        {
            content: "See its scores",
            trigger: "button[name='action_view_scores']",
            run: "click",
        },
        {
            content: "They are grouped by grade",
            trigger: ".o_group_header:contains('A')",
            run: "click",
        },
        ...openScore,
        {
            content: "Go to the customer",
            trigger: "button[name='action_open_customer']",
            run: "click",
        },
        {
            content: "The page of his value",
            trigger: ".o_notebook .nav-link[name='scp_value']",
            run: "click",
        },
        {
            content: "It shows the same card",
            trigger: ".o_field_widget[name='scp_value_card'] .o_scp_value_card_grade:contains('A')",
        },
    ],
});

registry.category("web_tour.tours").add("scp_value_reader", {
    steps: () => [
        {
            content: "The latest scores are listed, and only a manager may start a run",
            trigger: "body:not(:has(.o_control_panel button:contains('Score Now'))) .o_data_row:contains('Tour Customer 0')",
        },
        ...openScore,
        {
            content: "Back to the list",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "The graph by grade",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            content: "It is drawn",
            trigger: ".o_graph_canvas_container canvas",
        },
        {
            content: "The pivot by grade",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "It adds up",
            trigger: ".o_pivot tbody tr:contains('Total')",
        },
    ],
});
