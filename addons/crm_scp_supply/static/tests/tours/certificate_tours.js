import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("scp_certificate_withdrawal", {
    steps: () => [
        {
            content: "See what rests on it",
            trigger: ".o_form_view button[name=action_view_lots]:contains('1')",
        },
        {
            trigger: "button[name=action_withdraw]",
            run: "click",
        },
        {
            content: "The dialog says what rests on it",
            trigger: ".modal .alert:contains('1 lots'):contains('1 receipts')",
        },
        {
            trigger: ".modal div[name=reason] textarea",
            run: "edit Tests were not made",
        },
        {
            trigger: ".modal button[name=action_void]:contains('Withdraw')",
            run: "click",
        },
        {
            content: "It is void, and says why",
            trigger: ".o_form_view .alert-danger:contains('Void from'):contains('Tests were not made')",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Withdrawn')",
        },
        {
            content: "Its lots",
            trigger: "button[name=action_view_lots]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('TOUR-LOT')",
        },
    ],
});
