from . import scp_balance_demo
