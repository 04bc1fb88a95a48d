from . import scp_grade
from . import scp_customer
from . import scp_customer_measure
