from . import supply
from . import purchase
from . import sale
from . import scorecard
