from . import scp_demo
from . import sale_order_demo
from . import account_move_demo
from . import crm_lead_demo
from . import crm_lead_outcome_demo
from . import mail_activity_demo
from . import scp_target_demo
from . import scp_forecast_submission_demo
