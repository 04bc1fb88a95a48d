from . import portal
from . import trace
from . import recall
from . import claim
from . import epcis
