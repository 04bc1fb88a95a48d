from . import scp_certificate_demo
