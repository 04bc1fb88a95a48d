def uninstall_hook(env):
    env['scp.demo']._release_records('crm_scp_core')
    _release_activities(env)


def _release_activities(env):
    """Make the activities of our types plain to-dos: Odoo does so by itself, but for those done."""
    types = env['ir.model.data'].search([
        ('module', '=', 'crm_scp_core'), ('model', '=', 'mail.activity.type'),
    ]).mapped('res_id')
    env['mail.activity'].with_context(active_test=False).search([
        ('activity_type_id', 'in', types),
    ]).activity_type_id = env.ref('mail.mail_activity_data_todo')
