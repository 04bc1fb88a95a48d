import { Component, useSubEnv, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { View, getDefaultConfig } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What a page of a form shows, in a form of its own on the same record. A notebook makes the page that is open and no
 * other: nothing of the others is read, and the form opens as fast as if they were not there.
 *
 * Option `view_id`: the form, as `%(xml_id)d`.
 */
export class ScpTab extends Component {
    static components = { View };
    static props = { ...standardWidgetProps, viewId: Number };
    static template = xml`<div class="o_scp_tab"><View t-props="viewProps" t-key="key"/></div>`;

    setup() {
        // its own: pager and title belong to the form around it
        useSubEnv({ config: getDefaultConfig() });
        this.loads = 0;
    }

    /** Another record, or the same one read again: its values are other ones then. */
    get key() {
        const { resId, _values } = this.props.record;
        if (this.values !== _values) {
            this.values = _values;
            this.loads += 1;
        }
        return `${resId} ${this.loads}`;
    }

    get viewProps() {
        const { viewId, record } = this.props;
        return {
            type: "form",
            views: [[viewId, "form"]],
            viewId,
            resModel: record.resModel,
            resId: record.resId,
            context: record.context,
            readonly: true,
            preventEdit: true,
            preventCreate: true,
            display: { controlPanel: false },
        };
    }
}

registry.category("view_widgets").add("scp_tab", {
    component: ScpTab,
    extractProps: ({ options }) => ({ viewId: options.view_id }),
});
