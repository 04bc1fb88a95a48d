"""Our fields on Odoo's own models: which role without a part in the suite can read them.

A field that carries no `groups=` is read by every employee; one that is listed nowhere, by none of these roles.
"""

EMPLOYEES = ('employee', 'accountant', 'warehouse')

#: roles -> model -> names of fields
FIELDS = {
    EMPLOYEES: {
        'crm.stage': {
            'scp_allow_skip', 'scp_band', 'scp_forecast_category', 'scp_gate', 'scp_min_days',
            'scp_skip_stage_ids', 'scp_usual_count', 'scp_usual_hours',
        },
        'crm.team': {
            'scp_cancel_action', 'scp_cancel_reason_id', 'scp_cancel_stage_id', 'scp_confirm_action',
            'scp_confirm_stage_id',
        },
        'digest.digest': {
            'kpi_scp_complaint_new', 'kpi_scp_complaint_new_value', 'kpi_scp_complaint_open',
            'kpi_scp_complaint_open_value', 'kpi_scp_complaint_overdue', 'kpi_scp_complaint_overdue_value',
            'kpi_scp_customer_at_risk', 'kpi_scp_customer_at_risk_value', 'kpi_scp_customer_equity',
            'kpi_scp_customer_equity_value', 'kpi_scp_customer_new', 'kpi_scp_customer_new_value',
        },
        'res.company': {
            'scp_complaint_auto_acknowledge', 'scp_complaint_director_id', 'scp_complaint_file_types',
            'scp_complaint_grace_days', 'scp_complaint_manager_id', 'scp_complaint_max_mb',
            'scp_balance_acts', 'scp_certificate_acts', 'scp_certificate_mail', 'scp_certificate_remind',
            'scp_claim_remind',
            'scp_complaint_rights', 'scp_escalation_active', 'scp_exception_activity', 'scp_feedback_auto',
            'scp_feedback_reminder_days', 'scp_life_auto', 'scp_life_cycle_auto', 'scp_payment_delay_rate',
            'scp_recurrence_active', 'scp_recurrence_days', 'scp_recurrence_significance', 'scp_scorecard_freeze',
            'scp_scorecard_mail', 'scp_scorecard_publish', 'scp_sevenp_basis', 'scp_silent_days',
            'scp_silent_window_days', 'scp_standing_acts', 'scp_visit_hour_cost',
        },
    },
    ('accountant', 'warehouse'): {
        'product.product': {'scp_delivery_rate'},
        'product.template': {'scp_delivery_rate'},
        'purchase.order': {'scp_exception_count', 'scp_promise_count', 'scp_promise_line_ids', 'scp_unconfirmed'},
        'purchase.order.line': {'scp_baseline_date', 'scp_promise_date', 'scp_revision_count', 'scp_split_from_id'},
        'res.partner': {
            'scp_customer_delivery_figures', 'scp_customer_promise_ids', 'scp_is_supplier',
            'scp_supplier_delivery_figures', 'scp_supplier_promise_ids',
        },
        'sale.order': {
            'scp_delivery_verdict', 'scp_exception_count', 'scp_promise_count', 'scp_promise_line_ids',
            'scp_requested_date',
        },
        'sale.order.line': {'scp_baseline_date', 'scp_promise_date', 'scp_requested_date', 'scp_revision_count'},
        'stock.picking': {'scp_exception_count', 'scp_promise_count', 'scp_return_fault'},
    },
    ('accountant',): {
        'account.move': {'scp_claim_id', 'scp_complaint_count'},
        'res.partner': {
            'scp_claim_count', 'scp_currency_id', 'scp_customer_id', 'scp_days_to_pay', 'scp_exposure_amount',
            'scp_grade_id', 'scp_grade_trend', 'scp_overdue_amount', 'scp_overdue_days', 'scp_paid_invoice_count',
            'scp_receivable_amount', 'scp_scorecard_ids', 'scp_to_invoice_amount', 'scp_value_card',
            'scp_value_score_id',
        },
    },
    ('warehouse',): {
        'purchase.order': {'scp_certificate_action', 'scp_certificate_reason'},
        'res.partner': {
            'scp_certificate_count', 'scp_life_event_count', 'scp_lot_received_count', 'scp_lot_supplied_count',
        },
        'stock.lot': {
            'scp_compliance', 'scp_customer_count', 'scp_life_event_count', 'scp_passport_ids', 'scp_recall_ids',
            'scp_running_recall_id', 'scp_supplier_count',
        },
        'sale.order': {'scp_complaint_id'},
        'stock.picking': {
            'scp_balance_claim_ids', 'scp_certificate_action', 'scp_certificate_reason', 'scp_lot_count',
            'scp_may_claim',
        },
        'stock.scrap': {'scp_complaint_id'},
        'stock.return.picking': {'scp_return_fault'},
    },
}


def listed(role):
    """Names of fields by model that `role` is meant to read."""
    found = {}
    for roles, models in FIELDS.items():
        if role in roles:
            for model, names in models.items():
                found.setdefault(model, set()).update(names)
    return found
