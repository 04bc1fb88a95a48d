"""What is remembered while promises are being written."""
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

ORIGIN_KEY = 'scp_promise_origin'  # in the context
JOURNAL_KEY = 'scp_promise_journal'  # in the cache of the cursor

# Who may see promises at all; the record rules say which. Portal users are in none of these groups.
PROMISE_GROUPS = ','.join([
    'crm_scp_core.group_scp_user',
    'crm_scp_core.group_scp_auditor',
    'account.group_account_invoice',
    'account.group_account_readonly',
    'purchase.group_purchase_user',
    'stock.group_stock_user',
])


@dataclass(frozen=True)
class PromiseOrigin:
    """Where a change of promises comes from, when the code that makes it knows better than the user at work does.

    It is put into the context by our own code. A context that comes in over RPC is JSON and can never hold an
    instance, so the origin of a promise cannot be forged from outside.

    :param source: a value of ``scp.promise.source``; ``None`` derives it from the request and the user
    :param reason_id: id of an ``scp.promise.reason``
    :param note: free text kept with each promise
    :param date: when it happened, naive UTC; for loaders of historic orders
    :param form_key: of the page of the portal that was sent, so that sending it again does nothing
    """

    source: str | None = None
    reason_id: int | bool = False
    note: str | bool = False
    date: datetime | None = None
    form_key: str | bool = False


class PromiseJournal:
    """The orders touched by one call, so that the ledger is compared and written once at its end.

    The journal of a call hangs on its cursor, not in the context: actions returned to the browser carry contexts.
    """

    def __init__(self):
        self.order_ids = defaultdict(set)  # order model -> ids
        self.states = {}  # order model -> {line id: PromiseState} as the call began
        self.confirmed_line_ids = set()  # purchase lines the supplier has spoken about

    def open(self, orders):
        """Remember what the ledger says about ``orders`` before they change.

        Lines of an order that was confirmed before this addon was installed have no promises yet: they get them
        here, from the values that are about to be overwritten.
        """
        orders = orders.browse(id_ for id_ in orders.ids if id_ not in self.order_ids[orders._name])
        if not orders:
            return
        self.order_ids[orders._name].update(orders.ids)
        lines = orders.order_line
        states = lines._scp_get_promise_states()
        unknown = lines.filtered(lambda line: line.id not in states and line._scp_is_promised())
        if unknown:
            unknown._scp_backfill_promises()
            states |= unknown._scp_get_promise_states()
        self.states.setdefault(orders._name, {}).update(states)

    def close(self, env):
        """Append what has changed since :meth:`open` to the ledger, one INSERT per kind of order."""
        for model_name, order_ids in self.order_ids.items():
            # sudo: a portal user's write must be recorded as well
            lines = env[model_name].sudo().browse(order_ids).order_line
            # A savepoint rolled back inside has emptied the cache: later changes wrote the ledger themselves
            interrupted = env.cr.cache.get(JOURNAL_KEY) is not self
            states = lines._scp_get_promise_states() if interrupted else self.states.get(model_name, {})
            lines._scp_record_promises(states, self.confirmed_line_ids)
