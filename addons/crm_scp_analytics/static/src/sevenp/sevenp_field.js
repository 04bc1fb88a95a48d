import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const RADAR = { width: 420, height: 320, radius: 110 };
const RINGS = [25, 50, 75, 100];

/** The seven P of a customer, as written by `scp.sevenp._prepare_card`, around a radar. */
export class ScpSevenpField extends Component {
    static template = "crm_scp_analytics.ScpSevenpField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get card() {
        return this.props.record.data[this.props.name] || null;
    }

    get radar() {
        const { width, height, radius } = RADAR;
        const sides = this.card.sides;
        const place = (index, value) => {
            const angle = (2 * Math.PI * index) / sides.length - Math.PI / 2;
            return {
                x: width / 2 + Math.cos(angle) * radius * (value / 100),
                y: height / 2 + Math.sin(angle) * radius * (value / 100),
            };
        };
        const polygon = (values) =>
            values.map((value, index) => place(index, value ?? 0)).map(({ x, y }) => `${x},${y}`).join(" ");
        return {
            width,
            height,
            rings: RINGS.map((value) => polygon(sides.map(() => value))),
            axes: sides.map((side, index) => ({
                code: side.code,
                label: side.label,
                end: place(index, 100),
                text: place(index, 118),
                anchor: this.anchor(place(index, 100).x - width / 2),
            })),
            segment: polygon(sides.map((side) => side.segment)),
            customer: polygon(sides.map((side) => side.value)),
            points: sides.flatMap((side, index) =>
                side.value === null ? [] : [{ ...place(index, side.value), title: `${side.label}: ${side.text}` }]
            ),
        };
    }

    get title() {
        const sides = this.card.sides.map(({ label, text }) => `${label} ${text}`).join(", ");
        return _t("Seven P of the customer: %s", sides);
    }

    anchor(offset) {
        return Math.abs(offset) < 1 ? "middle" : offset > 0 ? "start" : "end";
    }

    async open(code) {
        this.action.doAction(await this.orm.call("scp.sevenp", "action_view_records", [[this.card.id], code]));
    }
}

export const scpSevenpField = {
    component: ScpSevenpField,
    displayName: _t("Seven P"),
    supportedTypes: ["json"],
};

registry.category("fields").add("scp_sevenp", scpSevenpField);
