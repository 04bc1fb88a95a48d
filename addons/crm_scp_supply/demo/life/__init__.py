from . import scp_life_demo
