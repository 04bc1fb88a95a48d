"""How right the forecasts are on CDNOW: the first 39 weeks are known, the next 39 are to be forecast.

Everything is chosen and fitted by the purchases up to the end of September 1997; what follows is looked at once, to
fill the table. Purchases are read from the sales orders, so the table tests the whole way from order to forecast.
"""
from datetime import date

from suite.ui import say

FIRST, CALIBRATION_END, HOLDOUT_END = date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)
HOLDOUT = HOLDOUT_END - CALIBRATION_END
EPOCH = date(1970, 1, 1)
WEEK = 7.0
#: Customers of the 1/10 sample, for which there are published figures.
SAMPLE_CUSTOMERS = 2357

#: Published parameters and log-likelihoods; Fader, Hardie & Lee (2005), Batislam et al. (2007), Fader & Hardie (2013).
PUBLISHED_FITS = {
    'bgnbd': "r .243 alpha 4.414 a .793 b 2.426 LL -9582.4",
    'pareto_nbd': "r .553 alpha 10.578 s .606 beta 11.669 LL -9595.0",
    'mbgnbd': "r .525 alpha 6.183 a .891 b 1.614",
    'gamma_gamma': "p 6.25 q 3.74 gamma 15.44 LL -4055.9",
}
#: Correlation of forecast and purchases over the customers, and purchases forecast up to week 78 over those made, less
#: one, counted from the first week on; Fader, Hardie & Lee (2005).
PUBLISHED_CORRELATION = {'bgnbd': .626, 'pareto_nbd': .630}
PUBLISHED_TOTAL = {'bgnbd': -.04, 'pareto_nbd': -.02}
#: Purchases in the holdout by purchases before, 0 to 6 and 7 or more; Fader, Hardie & Lee (2005).
PUBLISHED_MEANS = (.225, .523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157)
MEASURES = {
    'bias': "bias", 'mae': "MAE", 'rmse': "RMSE", 'correlation': "r", 'deviance': "deviance", 'auc': "AUC",
    'brier': "Brier", 'log_loss': "log-loss", 'ece': "ECE",
}


def report(env, company):
    """Print the accuracy of the forecasts beside what is published."""
    from odoo.addons.crm_scp_analytics.engine import selection

    bought = read_purchases(env, company)
    end, until = (CALIBRATION_END - EPOCH).days, (HOLDOUT_END - EPOCH).days
    known = bought.until(end)
    choice = selection.choose(known, end, until - end, WEEK)
    candidates = [selection.Candidate(model) for model in selection.CLOSED_FORMS]
    forecasts = {
        candidate.name: selection.predict(known, end, [until - end], selection.Choice(candidate, candidate), WEEK)
        for candidate in candidates
    }
    chosen = selection.predict(known, end, [until - end], choice, WEEK)
    actual = bought.count(chosen.ids, end, until)
    say()
    say(f"CDNOW, {len(actual):,} customers: known to {CALIBRATION_END}, forecast to {HOLDOUT_END}, "
        f"{actual.sum():,} purchases made")
    published = len(actual) == SAMPLE_CUSTOMERS
    print_accuracy(choice, chosen, forecasts, actual, published)
    if published:
        print_totals(bought, forecasts, end, until)
        print_means(known.frame(end, WEEK).x, {'chosen': chosen, 'bgnbd': forecasts['bgnbd']}, actual)
        print_fits(known, forecasts, end)
    say("The choice knows the first 39 weeks alone. How each measure is meant: docs/analytics.md")


def read_purchases(env, company):
    """:return: `engine.frame.Purchases` of the company, from its confirmed orders, in days since 1970"""
    from odoo.addons.crm_scp_analytics.engine.frame import Purchases

    run = env['scp.value.run'].new({'company_id': company.id, 'date_from': FIRST, 'date_to': HOLDOUT_END})
    return Purchases.of(**run._fetch_purchase_days())


def print_accuracy(choice, chosen, forecasts, actual, published):
    from odoo.addons.crm_scp_analytics.engine.calibration import accuracy

    names = dict.fromkeys((choice.count.name, choice.chance.name))
    rows = {f"chosen: {', '.join(names)}": (chosen, '')} | {
        name: (forecast, name) for name, forecast in forecasts.items()
    }
    width = max(map(len, rows)) + 2
    labels = ''.join(f"{label:>9}" for label in MEASURES.values())
    say(f"{'':{width}}{labels}" + ("  r published" if published else ''))
    for label, (forecast, name) in rows.items():
        measures = accuracy(forecast.expected[:, 0], forecast.active[:, 0], actual)
        figures = ''.join(
            f"{measures[measure]:>9.1%}" if measure == 'bias' else f"{measures[measure]:>9.4f}" for measure in MEASURES
        )
        beside = f"{PUBLISHED_CORRELATION[name]:>13.3f}" if published and name in PUBLISHED_CORRELATION else ''
        say(f"{label:{width}}{figures}{beside}")


def print_totals(bought, forecasts, end, until):
    """Repeat purchases of all customers from the first week to the last."""
    before = bought.until(end).frame(end, WEEK).x.sum()
    actual = bought.until(until).count(forecasts['bgnbd'].ids, 0, until).sum() - len(forecasts['bgnbd'].ids)
    for name, share in PUBLISHED_TOTAL.items():
        ours = tracked(forecasts[name].fit, bought, end, until) / actual - 1
        say(f"repeat purchases up to week 78, {name:<11} {ours:>+8.2%}   published {share:+.0%}")
    say(f"  ({before:,} of {actual:,} were made in the first 39 weeks)")


def tracked(fit, bought, end, until):
    """:return: repeat purchases that a model expects of new customers by the last day, from their first day on"""
    import numpy as np

    from odoo.addons.crm_scp_analytics.engine.frame import Frame

    first = bought.until(end).day[bought.until(end).starts()]
    spans, counts = np.unique((until - first) / WEEK, return_counts=True)
    newcomer = Frame(np.zeros(1, dtype=int), np.zeros(1), np.zeros(1))
    return float(fit.expected(newcomer, spans)[0] @ counts)


def print_means(x, forecasts, actual):
    import numpy as np

    groups = np.minimum(x, 7)
    say()
    say("purchases in the holdout by purchases before" + ''.join(f"{label:>8}" for label in (*range(7), '7+')))
    for label, values in (
        ("made", actual), ("published, BG/NBD", None), ("BG/NBD", forecasts['bgnbd'].expected[:, 0]),
        ("chosen", forecasts['chosen'].expected[:, 0]),
    ):
        means = PUBLISHED_MEANS if values is None else [values[groups == group].mean() for group in range(8)]
        say(f"  {label:<42}" + ''.join(f"{mean:>8.3f}" for mean in means))


def print_fits(known, forecasts, end):
    from odoo.addons.crm_scp_analytics.engine import gamma_gamma

    fits = {name: (forecast.fit, forecast.fit.parameters) for name, forecast in forecasts.items()}
    amounts = gamma_gamma.fit(known.frame(end, WEEK).x, known.repeat_spend(end))
    fits['gamma_gamma'] = amounts, {name: getattr(amounts, name) for name in ('p', 'q', 'gamma')}
    say()
    for name, published in PUBLISHED_FITS.items():
        fit, parameters = fits[name]
        ours = ' '.join(f"{parameter} {value:.5f}" for parameter, value in parameters.items())
        say(f"{name:<12}{ours} LL {fit.log_likelihood:.3f}")
        say(f"{'':<12}{published}   published")
