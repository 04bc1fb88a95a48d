from . import scp_portal_shield
from . import scp_portal_link
from . import purchase_order
from . import purchase_order_confirm
from . import purchase_order_ask
from . import purchase_order_line
from . import sale_order
from . import stock_picking
