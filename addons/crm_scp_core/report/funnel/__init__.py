from . import scp_lead_visit_report
