import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("scp_segments", {
    steps: () => [
        {
            content: "The profiles are segments too",
            trigger: ".o_data_row:contains('Kinds'):contains('12')",
        },
        {
            content: "Make a segment",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Name it; its rule lets everybody in",
            trigger: ".o_field_widget[name='name'] input",
            run: "edit Everybody",
        },
        {
            content: "Save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Work out its members",
            trigger: "button[name='action_refresh']",
            run: "click",
        },
        {
            content: "They are counted; open them",
            trigger: "button[name='action_view_customers']:contains('12')",
            run: "click",
        },
        {
            content: "These are the customers",
            trigger: ".o_list_view .o_data_row:contains('Large 3')",
        },
    ],
});
