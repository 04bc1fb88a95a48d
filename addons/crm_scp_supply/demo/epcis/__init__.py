from . import scp_epcis_demo
