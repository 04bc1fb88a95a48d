def uninstall_hook(env):
    """Take the measures of this addon along, which nobody renews, and records nobody may delete."""
    env['scp.customer.measure']._unlink_source('crm_scp_supply')
    env['scp.demo']._release_records('crm_scp_supply')
    env['scp.scorecard']._drop_records()
    env['scp.certificate']._drop_records()
