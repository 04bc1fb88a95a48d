import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const column = (name) => `.o_kanban_group:has(.o_column_title:contains(${name}))`;
const card = (name, stage = "") => `${stage && column(stage)} .o_kanban_record:contains(${name})`;
const dragTo = (stage) => `drag_and_drop (${column(stage)})`;

/** A soft gate lets the deal pass and asks; a hard one holds it; a win comes first, then its question. */
tours.add("scp_gate_pipeline", {
    steps: () => [
        {
            content: "Through the soft gate",
            trigger: card("Gated deal", "Need"),
            run: dragTo("Listed"),
        },
        {
            content: "The move is made, the question names what was not met",
            trigger: ".modal .o_scp_gate_question:contains(“Phone” is empty)",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Met at the fair",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        { trigger: `body:not(:has(.modal)) ${card("Gated deal", "Listed")}` },
        {
            content: "Held by the hard gate",
            trigger: card("Gated deal", "Listed"),
            run: dragTo("Pursued"),
        },
        {
            trigger: ".modal:contains(“Email” is empty):contains(Pursued) footer .btn-primary",
            run: "click",
        },
        {
            content: "The card is back where it was",
            trigger: `body:not(:has(.modal)) ${card("Gated deal", "Listed")}`,
        },
        {
            content: "The winner is won before anybody asks why",
            trigger: card("Won deal", "Need"),
            run: dragTo("Won"),
        },
        {
            trigger: ".modal .o_scp_won_question .o_field_widget[name=scp_won_reason_id] .o_selection_badge:contains(They know us)",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        { trigger: `body:not(:has(.modal)) ${card("Won deal", "Won")}` },
    ],
});

/** The same by the status bar of the form; the question is put off. */
tours.add("scp_gate_form", {
    steps: () => [
        {
            trigger: ".o_statusbar_status button:contains(Listed)",
            run: "click",
        },
        {
            trigger: ".modal:has(.o_scp_gate_question) footer .btn-secondary",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Listed)" },
        {
            content: "What was missed is on the page of the deal",
            trigger: ".o_notebook .nav-link[name=scp_deal]",
            run: "click",
        },
        { trigger: ".o_field_widget[name=scp_gate_ids] .o_data_row:contains(“Phone” is empty)" },
        {
            content: "The activity asks instead",
            trigger: ".o-mail-Activity:contains(Why did it move to Listed?)",
        },
        {
            trigger: "button[name=action_set_won_rainbowman]",
            run: "click",
        },
        {
            trigger: ".modal:has(.o_scp_won_question) footer .btn-secondary",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_form_view .ribbon:contains(Won)" },
    ],
});
