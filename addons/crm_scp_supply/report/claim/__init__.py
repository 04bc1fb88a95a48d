from . import scp_supplier_claim_report
