from . import scp_complaint_cohort_report
from . import scp_complaint_silent_report
