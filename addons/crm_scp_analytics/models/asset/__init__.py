from . import scp_value_model
from . import scp_value_cohort
from . import scp_value_asset
from . import scp_value_asset_migration
from . import scp_value_asset_waterfall
from . import scp_customer
from . import scp_value_dashboard
from . import digest_digest
