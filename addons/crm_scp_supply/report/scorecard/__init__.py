from . import scp_supply_share_report
from . import scp_supply_base_report
