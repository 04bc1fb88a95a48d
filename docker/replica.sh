#!/bin/bash
# On the first start a copy of the primary; from then on the replica follows it.
set -euo pipefail

if [ ! -e "$PGDATA/PG_VERSION" ]; then
    rm -rf "${PGDATA:?}"/*  # a copy that broke off
    pg_basebackup --host=db --username=replicator --pgdata="$PGDATA" --slot=replica --write-recovery-conf
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
