from . import scp_promise_report
from . import scp_delivery_report
from . import scorecard
from . import trace
from . import claim
from . import certificate
