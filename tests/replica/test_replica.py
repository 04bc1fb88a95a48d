"""Boards and reports from a streaming replica, started here: `db_replica_host`."""

import time
from contextlib import contextmanager

from tests.access.rights_boards import BOARDS, REPORTS

#: what Odoo says when it asks the primary for what a replica should have answered
REFUSED = ("retrying with a read/write cursor", "Failed to open a readonly cursor")


def wait_for(condition):
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "the replica does not follow"
        time.sleep(0.1)


@contextmanager
def running(serving, **options):
    serving.start(**options)
    try:
        yield serving.log_in('scp_manager')
    finally:
        serving.stop()


def ask_for_everything(client):
    for model, methods in BOARDS.items():
        for method, arguments in methods.items():
            client.call(model, method, *arguments)
    for model in REPORTS:
        client.call(model, 'web_search_read', [], {'display_name': {}}, limit=5)
        client.call(model, 'web_read_group', [], ['company_id'], ['__count'])


def equity(client):
    return client.call('scp.value.dashboard', 'get_dashboard', {})['equity']['closing']['value']


def test_nothing_is_refused_where_one_server_plays_both(serving):
    with running(serving, dev_mode='replica') as client:
        ask_for_everything(client)
    log = serving.log.read_text()
    assert not any(text in log for text in REFUSED), log[-3000:]


def test_boards_and_reports_are_answered_by_the_replica(serving):
    """The replica stands still while the worth of all customers doubles on the primary."""
    replica, primary = serving.pair.replica, serving.pair.primary
    with running(serving, db_replica_host=replica.environment['PGHOST']) as client:
        before = equity(client)
        assert before > 0
        serving.query(replica, "SELECT pg_wal_replay_pause()")
        serving.query(primary, "UPDATE scp_value_score SET lifetime_value = 2 * lifetime_value")
        assert equity(client) == before
        # what writes goes to the primary all the while
        [customer] = client.call('scp.customer', 'search', [], limit=1)
        client.call('scp.customer', 'write', [customer], {'preferred_channel': 'post'})
        [[channel]] = serving.query(primary, "SELECT preferred_channel FROM scp_customer WHERE id = %s", [customer])
        assert channel == 'post'
        serving.query(replica, "SELECT pg_wal_replay_resume()")
        wait_for(lambda: abs(equity(client) - 2 * before) < 1)
        ask_for_everything(client)
        log = serving.log.read_text()
        assert not any(text in log for text in REFUSED), log[-3000:]
        # without the replica the primary answers
        replica.leave()
        assert equity(client) > 0
        assert REFUSED[1] in serving.log.read_text()
