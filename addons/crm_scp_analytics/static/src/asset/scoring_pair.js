import { Component } from "@odoo/owl";

/** The two scorings that a page compares: `data` is what the page was told, `onChange` the `load` of `useBoard`. */
export class ScoringPair extends Component {
    static template = "crm_scp_analytics.ScoringPair";
    static props = { data: Object, onChange: Function };

    get earlierDays() {
        return this.props.data.days.filter((day) => day.key < this.props.data.date_to);
    }

    /** Days but the first: that one has nothing to be compared with. */
    get laterDays() {
        return this.props.data.days.slice(0, -1);
    }

    selectFrom(ev) {
        this.props.onChange({ date_from: ev.target.value, date_to: this.props.data.date_to });
    }

    selectTo(ev) {
        const date_to = ev.target.value;
        const date_from = this.props.data.date_from;
        this.props.onChange({ date_to, date_from: date_from < date_to ? date_from : undefined });
    }
}
