from . import relation
from . import promise
