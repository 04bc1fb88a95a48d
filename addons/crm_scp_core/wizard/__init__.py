from . import funnel
from . import complaint
