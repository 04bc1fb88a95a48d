from . import facts
from . import value
