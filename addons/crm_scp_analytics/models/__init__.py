from . import facts
from . import value
from . import affinity
from . import segment
from . import sevenp
from . import asset
from . import appraisal
