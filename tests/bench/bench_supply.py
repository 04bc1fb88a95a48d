"""Supply collaboration: what its pages cost."""
from tests.bench.supply_portal import portal


def supply(bench):
    """Pages of partners."""
    yield from portal(bench)
