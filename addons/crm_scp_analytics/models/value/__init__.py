from . import scp_value_run
from . import scp_value_run_purchases
from . import scp_value_run_scoring
from . import scp_value_score
from . import scp_customer
from . import res_partner
from . import res_config_settings
