"""What only reads: methods of the suite that a streaming replica serves. A new board needs a line here."""

from datetime import date, timedelta

#: beginnings of names of methods that only read
READS = ('get_', 'action_view_', 'action_open_', 'action_scp_view_', 'action_scp_open_')

#: method -> why it is asked of the primary nevertheless
OF_THE_PRIMARY = {
    'get_scp_move_questions': "asks about the move that was made a moment ago, which a replica may not know yet",
}

SINCE = {'date_from': str(date.today() - timedelta(days=60))}

#: the figures of each board, as the manager asks for them: model -> method -> arguments
BOARDS = {
    'scp.my.day': {'get_my_day': []},
    'scp.funnel': {
        'get_conversion': [{}], 'get_outcome': [{}], 'get_velocity': [{}], 'get_pipeline': [{}],
        'get_waterfall': [SINCE], 'get_slippage': [SINCE],
    },
    'scp.forecast': {'get_forecast': [{}], 'get_calibration': [{}], 'get_accuracy': [{}]},
    'scp.gap': {'get_gap': [{}]},
    'scp.complaint.kpi': {'get_kpis': [{}]},
    'scp.value.whale': {'get_whale': [{}]},
    'scp.value.accuracy': {'get_accuracy': [{}]},
    'scp.value.model': {'get_trial': [{}]},
    'scp.value.asset': {'get_migration': [{}], 'get_waterfall': [{}]},
    'scp.value.cohort': {'get_cohorts': [{}]},
    'scp.value.dashboard': {'get_dashboard': [{}]},
    'scp.control.tower': {'get_tower': [{}]},
    'scp.trace': {'get_trace': ['stock.lot', [1]]},
}

#: lists and pivots of reports
REPORTS = (
    'scp.customer', 'scp.lead.log', 'scp.complaint.report', 'scp.value.score', 'scp.value.fact',
    'scp.value.profit.report', 'scp.sevenp', 'scp.appraisal', 'scp.promise.report', 'scp.delivery.report',
    'scp.scorecard', 'scp.supply.base.report',
)
