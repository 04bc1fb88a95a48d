from . import scp_promise_report
