import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { PERIODS } from "@crm_scp_core/board/board";
import { BoardAction } from "@crm_scp_core/board/board_action";

const CHART = { width: 900, height: 240 };

/** Profit added up over the customers, the best first, and who takes it away again. From `scp.value.whale`. */
export class WhaleBoard extends BoardAction {
    static template = "crm_scp_analytics.WhaleBoard";
    static source = ["scp.value.whale", "get_whale"];
    static path = "whale-curve";
    static displayName = _t("Whale Curve");

    setup() {
        super.setup();
        this.periods = PERIODS;
    }

    get firstFilters() {
        return { months: 12 };
    }

    get chart() {
        const { width, height } = CHART;
        const profits = this.data.curve.map(([, profit]) => profit);
        const top = Math.max(...profits, 0);
        const bottom = Math.min(...profits, 0);
        const toY = (profit) => ((top - profit) / (top - bottom || 1)) * height;
        const points = this.data.curve.map(([share, profit]) => [share * width, toY(profit)]);
        const line = points.map((point) => point.join(",")).join(" ");
        const peak = points[profits.indexOf(top)];
        return {
            width,
            height,
            line,
            area: `0,${toY(0)} ${line} ${width},${toY(0)}`,
            zero: toY(0),
            peak: { x: peak[0], y: peak[1] },
            end: { x: width, y: points.at(-1)[1] },
        };
    }
}

registry.category("actions").add("crm_scp_analytics.whale_board", WhaleBoard);
