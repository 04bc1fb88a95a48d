from . import scp_demo
from . import purchase_order_demo
from . import sale_delivery_demo
from . import supply_portal_demo
from . import scp_exception_demo
from . import scp_scorecard_demo
from . import trace
from . import recall
