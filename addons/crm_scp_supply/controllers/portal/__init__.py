from . import supply
from . import purchase
from . import sale
from . import scorecard
from . import certificate
from . import link
from . import acknowledge
