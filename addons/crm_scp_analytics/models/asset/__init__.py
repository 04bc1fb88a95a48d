from . import scp_value_model
from . import scp_value_cohort
from . import scp_value_asset
from . import scp_value_asset_migration
