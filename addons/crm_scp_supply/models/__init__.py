from . import relation
from . import promise
from . import delivery
from . import portal
from . import exception
from . import scorecard
from . import trace
from . import recall
