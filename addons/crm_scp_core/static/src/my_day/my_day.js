import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { QuickComplaint } from "../complaint/quick_complaint";
import { MyDaySection } from "./my_day_section";

/**
 * The first page of the morning. All it shows comes from one call of `scp.my.day.get_my_day`,
 * whose docstring describes the sections; addons add sections there, not here.
 */
export class MyDay extends Component {
    static template = "crm_scp_core.MyDay";
    static components = { Layout, MyDaySection, QuickComplaint };
    static props = { ...standardActionServiceProps };
    static path = "my-day";
    static displayName = _t("My Day");

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({ scope: this.props.state?.scope, scopes: [], sections: [] });
        useSetupAction({ getLocalState: () => ({ scope: this.state.scope }) });
        onWillStart(() => this.load(this.state.scope));
    }

    async load(scope) {
        const day = await this.keepLast.add(
            this.orm.call("scp.my.day", "get_my_day", [], { scope: scope || false })
        );
        Object.assign(this.state, day);
    }

    get today() {
        return luxon.DateTime.now().toLocaleString({
            weekday: "long",
            month: "long",
            day: "numeric",
        });
    }
}

registry.category("actions").add("crm_scp_core.my_day", MyDay);
