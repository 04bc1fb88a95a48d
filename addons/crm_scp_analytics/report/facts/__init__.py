from . import scp_value_profit_report
