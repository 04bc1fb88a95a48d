import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Offered to operators of live chats, in live chats; without Odoo's live chat there are none. */
registry.category("discuss.channel_commands").add("complaint", {
    channel_types: ["livechat"],
    condition: ({ store }) => store.has_access_livechat,
    help: _t("File a complaint (/complaint subject)"),
    methodName: "execute_command_complaint",
});
