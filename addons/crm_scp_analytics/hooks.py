def uninstall_hook(env):
    """Take the measures of this addon along, and the grades it gave: nobody renews them."""
    env['scp.customer.measure']._unlink_source('crm_scp_analytics')
    env.cr.execute(
        """
        UPDATE scp_customer
           SET grade_id = NULL, value_score = NULL, grade_trend = NULL, scored_at = NULL
         WHERE scored_at IS NOT NULL
        """
    )
    # They hold the grades, which would resist being deleted along with core.
    env.cr.execute("DELETE FROM scp_value_score")
    env['scp.customer'].invalidate_model()
