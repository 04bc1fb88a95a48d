def uninstall_hook(env):
    env['scp.demo']._release_records('crm_scp_supply')
