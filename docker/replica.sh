#!/bin/bash
# On the first start a copy of the primary; from then on the replica follows it.
set -euo pipefail

# Too far behind for what the primary has kept: copied anew. A primary that does not answer says nothing.
ask() { psql --host=db --username=replicator --dbname=postgres --no-align --tuples-only --command="$1"; }
if [ "$(ask "SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'replica'" || true)" = lost ]; then
    rm -f "$PGDATA/PG_VERSION"
    ask "SELECT pg_drop_replication_slot('replica')"
    ask "SELECT pg_create_physical_replication_slot('replica')"
fi
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    rm -rf "${PGDATA:?}"/*  # a copy that broke off
    pg_basebackup --host=db --username=replicator --pgdata="$PGDATA" --slot=replica --write-recovery-conf \
        --checkpoint=fast
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
