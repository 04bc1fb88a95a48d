from . import portal
from . import trace
