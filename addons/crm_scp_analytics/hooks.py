from odoo.tools import SQL


def uninstall_hook(env):
    """Take the measures of this addon along, and the grades it gave: nobody renews them."""
    env['scp.customer.measure']._unlink_source('crm_scp_analytics')
    env.cr.execute(
        """
        UPDATE scp_customer
           SET grade_id = NULL, value_score = NULL, grade_trend = NULL, scored_at = NULL
         WHERE scored_at IS NOT NULL
            OR EXISTS (SELECT FROM scp_value_override override
                        WHERE override.customer_id = scp_customer.id AND override.active)
        """
    )
    # They hold grades and templates, which would resist being deleted before them.
    for table in ('scp_appraisal', 'scp_value_score', 'scp_value_override', 'scp_value_run', 'scp_value_model'):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env['scp.customer'].invalidate_model()
    # no record of the addon: it came with the settings
    env['ir.config_parameter'].set_param('crm_scp_analytics.scheduler', False)
