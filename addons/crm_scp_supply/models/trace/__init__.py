from . import scp_trace
from . import scp_trace_graph
from . import scp_trace_page
from . import scp_lot_passport
from . import stock_move_line
from . import stock_lot
from . import stock_picking
from . import res_partner
