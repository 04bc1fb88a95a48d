#!/bin/bash
# Installs the addons on the first start and upgrades them when their code changed; then hands over
# to the official image's own entry point.
set -euo pipefail

addons=crm_scp_core,crm_scp_analytics,crm_scp_supply
database=${SCP_DATABASE:-scp}
mark=/var/lib/odoo/.scp-$database

version=$(find /mnt/extra-addons -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
if [ ! -e "$mark" ]; then
    /entrypoint.sh odoo --database "$database" --init "$addons" ${SCP_DEMO:+--with-demo} --stop-after-init --no-http
elif [ "$(cat "$mark")" != "$version" ]; then
    /entrypoint.sh odoo --database "$database" --update "$addons" --stop-after-init --no-http
fi
echo "$version" > "$mark"
exec /entrypoint.sh "$@" --database "$database" --db-filter "^$database\$"
