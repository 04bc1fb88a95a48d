from . import hub
from . import funnel
