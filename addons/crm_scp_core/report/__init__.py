from . import complaint
from . import funnel
