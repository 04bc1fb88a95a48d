from . import relation
from . import promise
from . import delivery
