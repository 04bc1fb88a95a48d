from . import scp_recall_demo
