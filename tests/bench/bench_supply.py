"""Supply collaboration: delivery facts of many lines, and what the pages of partners cost."""
from tests.bench.supply_delivery import delivery
from tests.bench.supply_portal import portal


def supply(bench):
    """Delivery facts and pages of partners."""
    yield from delivery(bench)
    yield from portal(bench)
