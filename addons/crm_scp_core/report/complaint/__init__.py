from . import scp_complaint_report
from . import scp_complaint_silent_report
from . import scp_sla_clock_report
