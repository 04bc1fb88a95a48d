from . import scp_trace_demo
