import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("scp_complaint_quick", {
    steps: () => [
        {
            content: "Open the four fields from my day",
            trigger: ".o_scp_my_day .o_scp_quick_complaint",
            run: "click",
        },
        {
            content: "Who calls",
            trigger: ".modal .o_field_widget[name=partner_id] input",
            run: "edit Anvil Works",
        },
        {
            content: "Choose the customer",
            trigger: ".modal .o-autocomplete--dropdown-item a:contains(Anvil Works)",
            run: "click",
        },
        {
            content: "What happened",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit Valve leaks on the phone",
        },
        {
            content: "File it",
            trigger: ".modal button[name=action_create]",
            run: "click",
        },
        {
            content: "The complaint opens",
            trigger: ".o_form_view .o_field_widget[name=number]:contains(C20)",
        },
    ],
});

registry.category("web_tour.tours").add("scp_complaint_portal", {
    steps: () => [
        {
            content: "Open the complaints",
            trigger: "a[href='/my/complaints']:contains(Complaints)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the case that waits for a decision",
            trigger: ".o_scp_portal_complaints a:contains(Valve leaks)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Accept the proposal",
            trigger: "#decision button:contains(Accept)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Rate it",
            trigger: "label[for=rate_4]",
            run: "click",
        },
        {
            content: "Send the feedback",
            trigger: "button:contains(Send feedback)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back to the list",
            trigger: ".alert-success:contains(feedback)",
        },
        {
            content: "Back to the list",
            trigger: ".breadcrumb a[href='/my/complaints']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Another one",
            trigger: "a[href='/my/complaints/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What is wrong",
            trigger: "#subject",
            run: "edit Gasket torn in the box",
        },
        {
            content: "What happened",
            trigger: "#description",
            run: "edit It was torn when we opened it.",
        },
        {
            content: "File it",
            trigger: ".o_scp_portal_new button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It has a number",
            trigger: ".alert-success:contains(has the number)",
        },
        {
            content: "Write once more",
            trigger: "#text",
            run: "edit It was the last one.",
        },
        {
            content: "Send it",
            trigger: "#reply button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is in the timeline",
            trigger: "#timeline:contains(It was the last one.)",
        },
    ],
});
