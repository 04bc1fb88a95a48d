from .demo import test_demo_value
from .value import test_res_config_settings
from .value import test_scp_customer_value
from .value import test_scp_value_access
from .value import test_scp_value_run
from .value import test_scp_value_run_job
from .value import test_scp_value_score
from .value import test_scp_value_tours
