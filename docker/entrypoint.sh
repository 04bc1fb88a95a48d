#!/bin/bash
# Installs the addons on the first start and upgrades them when their code changed; then hands over
# to the official image's own entry point. Where several nodes start at once, one does it and the others wait.
set -euo pipefail

addons=crm_scp_core,crm_scp_analytics,crm_scp_supply
database=${SCP_DATABASE:-scp}
mark=/var/lib/odoo/.scp-$database

version=$(find /mnt/extra-addons -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
exec 9> "$mark.lock"
flock 9
if [ ! -e "$mark" ]; then
    /entrypoint.sh odoo --database "$database" --init "$addons" ${SCP_DEMO:+--with-demo} --stop-after-init --no-http
    if [ -n "${SCP_SCHEDULER:-}" ]; then
        /entrypoint.sh odoo shell --database "$database" --no-http <<< "
env['ir.config_parameter'].set_param('crm_scp_analytics.scheduler', '$SCP_SCHEDULER')
env.cr.commit()"
    fi
elif [ "$(cat "$mark")" != "$version" ]; then
    /entrypoint.sh odoo --database "$database" --update "$addons" --stop-after-init --no-http
fi
echo "$version" > "$mark"
exec 9>&-
exec /entrypoint.sh "$@" --database "$database" --db-filter "^$database\$"
