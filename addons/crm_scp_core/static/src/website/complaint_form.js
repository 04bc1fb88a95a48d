import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** What the editor of the website puts into a form for complaints; loaded by the website only. */
registry.category("website.form_editor_actions").add("create_scp_complaint", {
    formFields: [
        {
            type: "email",
            required: true,
            fillWith: "email",
            name: "email_from",
            string: _t("Your Email"),
        },
        {
            type: "tel",
            fillWith: "phone",
            name: "phone",
            string: _t("Phone Number"),
        },
        {
            type: "char",
            modelRequired: true,
            name: "name",
            string: _t("What is wrong, in a few words"),
        },
        {
            type: "text",
            required: true,
            name: "description",
            string: _t("What happened"),
        },
        {
            type: "char",
            name: "identifier",
            string: _t("Your reference"),
        },
        {
            type: "binary",
            custom: true,
            name: "Photos or files",
            string: _t("Photos or files"),
        },
    ],
});
