from . import scp_demo
