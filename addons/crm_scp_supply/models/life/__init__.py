from . import scp_life_rule
from . import scp_life_event
from . import stock_lot
from . import res_partner
from . import res_company
from . import res_config_settings
from . import base_partner_merge_automatic_wizard
