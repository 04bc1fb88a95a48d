from . import scp_affinity_run
from . import scp_affinity_run_sources
from . import scp_affinity_pair
from . import scp_affinity_suggestion
from . import scp_customer
from . import sale_order
from . import res_partner
from . import res_config_settings
