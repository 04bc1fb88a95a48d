import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatPercentage } from "@web/views/fields/formatters";
import { BoardAction } from "@crm_scp_core/board/board_action";

const MEASURES = [
    ["bias", _t("Bias"), _t("Purchases forecast over purchases made, less one. 0 is right in sum.")],
    ["mae", _t("MAE"), _t("Mean absolute error of a customer's purchases. Lowest for forecasts that are too low.")],
    ["rmse", _t("RMSE"), _t("Root of the mean square error of a customer's purchases.")],
    ["deviance", _t("Deviance"), _t("Mean Poisson deviance of the purchases: what RMSE is for counts.")],
    ["log_loss", _t("Log-loss"), _t("Mean of minus the logarithm of the chance given to what happened.")],
    ["brier", _t("Brier"), _t("Mean square error of the chance to buy at all.")],
    ["ece", _t("ECE"), _t("By how much chances of a size differ from what happened, on average.")],
    ["auc", _t("AUC"), _t("Chance that of two customers the one who bought had been given the higher chance.")],
];
const SIZE = 260;

/** What was forecast, what happened, and how the models did in the back-test. From `scp.value.accuracy`. */
export class AccuracyBoard extends BoardAction {
    static template = "crm_scp_analytics.AccuracyBoard";
    static source = ["scp.value.accuracy", "get_accuracy"];
    static path = "forecast-accuracy";
    static displayName = _t("Forecast Accuracy");

    setup() {
        super.setup();
        this.measures = MEASURES;
        this.size = SIZE;
    }

    formatMeasure(name, value) {
        if (value === null) {
            return _t("no data");
        }
        return name === "bias" ? this.formatBias(value) : formatFloat(value, { digits: [16, 3] });
    }

    formatBias(value) {
        const text = formatPercentage(Math.abs(value), { digits: [16, 1] });
        return value < 0 ? `−${text}` : `+${text}`;
    }

    isBest(name, value) {
        return Math.abs(value) === this.data.back_test.best[name];
    }

    /** Circles as large as their groups, on the diagonal where chances held. */
    get points() {
        const groups = this.data.check.groups;
        const most = Math.max(...groups.map((group) => group.customers.value));
        return groups.map((group) => ({
            x: group.chance * SIZE,
            y: (1 - group.share) * SIZE,
            r: 3 + 6 * Math.sqrt(group.customers.value / most),
        }));
    }
}

registry.category("actions").add("crm_scp_analytics.accuracy_board", AccuracyBoard);
