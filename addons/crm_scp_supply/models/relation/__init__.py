from . import scp_product_scope_mixin
from . import scp_share_policy
from . import scp_relation
from . import base_partner_merge_automatic_wizard
