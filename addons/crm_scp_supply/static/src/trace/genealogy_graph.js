import { Component, onMounted, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

/**
 * Lots in columns, from what the lot in the middle was made of to what was made of it; on a phone the columns lie
 * below one another. Each card names what went into it, so that nobody depends on the lines between the cards.
 */
export class GenealogyGraph extends Component {
    static template = "crm_scp_supply.GenealogyGraph";
    static props = { graph: Object, onOpenDocument: Function };

    setup() {
        this.root = useRef("root");
        this.state = useState({ paths: [], width: 0, height: 0 });
        this.observer = new ResizeObserver(() => this.draw());
        onMounted(() => this.observer.observe(this.root.el));
        onWillUnmount(() => this.observer.disconnect());
        useEffect(
            () => this.draw(),
            () => [this.props.graph]
        );
    }

    /** [{level, title, nodes}] from the sources to the products. */
    get levels() {
        const levels = Object.groupBy(this.props.graph.nodes, (node) => node.level);
        return Object.keys(levels)
            .map(Number)
            .sort((a, b) => a - b)
            .map((level) => ({ level, title: this.getTitle(level), nodes: levels[level] }));
    }

    getTitle(level) {
        if (!level) {
            return _t("Traced");
        }
        return level < 0 ? _t("Made from, step %s", -level) : _t("Went into, step %s", level);
    }

    /** What went into a lot, as its card lists it. */
    getSources(node) {
        return this.props.graph.edges
            .filter((edge) => edge.to === node.id)
            .map((edge) => ({
                ...edge,
                key: edge.from,
                name: this.props.graph.nodes.find((other) => other.id === edge.from).name,
                quantity: formatQuantity(edge.qty, edge.unit),
            }));
    }

    formatQuantity(value, unit) {
        return formatQuantity(value, unit);
    }

    /** Curves from card to card, where they are now. */
    draw() {
        const root = this.root.el;
        const box = root.getBoundingClientRect();
        const getBox = (id) => root.querySelector(`[data-lot="${id}"]`).getBoundingClientRect();
        this.state.width = root.scrollWidth;
        this.state.height = root.scrollHeight;
        this.state.paths = this.props.graph.edges
            .filter((edge) => edge.from !== edge.to)
            .map((edge) => {
                const [from, to] = [getBox(edge.from), getBox(edge.to)];
                // within a column, and back, the curve swings out to the right
                const isAhead = to.left >= from.right;
                const x1 = from.right - box.left + root.scrollLeft;
                const x2 = (isAhead ? to.left : to.right) - box.left + root.scrollLeft;
                const y1 = from.top + from.height / 2 - box.top;
                const y2 = to.top + to.height / 2 - box.top;
                const bend = isAhead ? (x2 - x1) / 2 : 36;
                const end = isAhead ? x2 - bend : x2 + bend;
                return {
                    key: `${edge.from}-${edge.to}`,
                    d: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${end} ${y2}, ${x2} ${y2}`,
                };
            });
    }
}

/** A quantity to its last digit, with its unit. */
export function formatQuantity(value, unit) {
    return `${formatFloat(value, { trailingZeros: false })} ${unit}`.trim();
}
