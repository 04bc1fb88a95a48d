"""Supply collaboration: facts of many deliveries, pages of partners, and what orders and transfers take longer."""
from tests.bench.bench_operations import compare
from tests.bench.supply_delivery import delivery
from tests.bench.supply_portal import portal

HOOKED = ('sale_confirm', 'delivery_validate', 'purchase_confirm', 'receipt_validate')


def supply(bench):
    """Delivery facts, exceptions, the supplier's pages, and what is added to orders and transfers."""
    yield from delivery(bench)
    yield from portal(bench)
    yield from compare(bench, HOOKED)
