"""Where things are. Nothing is written outside these two folders: the repository and the cache."""
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
ADDONS_DIR = REPO / 'addons'
ADDONS = ('crm_scp_core', 'crm_scp_analytics', 'crm_scp_supply')

# This checkout's own state: its database, file store, logs. Survives every command but `clean`.
LOCAL = REPO / '.local'
LOGS = LOCAL / 'logs'

# What any checkout of this user can share: downloads, environments, template databases.
CACHE = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'crm-scp'
