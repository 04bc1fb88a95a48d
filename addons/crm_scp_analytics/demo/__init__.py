from . import calendar_event_demo
from . import scp_demo
from . import scp_demo_value_model
from . import scp_value_fact_demo
from . import scp_affinity_demo
from . import scp_segment_demo
from . import scp_sevenp_demo
from . import scp_appraisal_demo
