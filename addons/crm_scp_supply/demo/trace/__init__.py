from . import scp_trace_demo
from . import scp_complaint_demo
