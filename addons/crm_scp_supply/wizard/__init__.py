from . import scp_promise_confirm
from . import scp_promise_confirm_line
from . import scp_promise_revise
from . import stock_return_picking
from . import scp_exception_report
from . import scp_scorecard_answer
from . import scp_scorecard_release
from . import scp_certificate_void
