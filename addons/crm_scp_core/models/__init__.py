from . import hub
from . import funnel
from . import complaint
