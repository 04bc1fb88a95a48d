from . import scp_demo
from . import scp_demo_value_model
