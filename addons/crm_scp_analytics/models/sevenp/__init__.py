from . import scp_sevenp
from . import scp_sevenp_sources
from . import scp_sevenp_refresh
from . import scp_sevenp_card
from . import scp_value_run
from . import scp_customer
from . import res_partner
from . import res_company
