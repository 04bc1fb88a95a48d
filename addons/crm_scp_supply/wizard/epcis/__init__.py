from . import scp_epcis_export
from . import scp_epcis_import
from . import scp_epcis_import_line
