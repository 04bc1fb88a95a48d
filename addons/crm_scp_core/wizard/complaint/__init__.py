from . import scp_sla_policy_preview
from . import scp_sla_holding_reply
from . import scp_complaint_quick
