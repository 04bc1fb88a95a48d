from . import scp_appraisal_figure
from . import scp_appraisal_template
from . import scp_appraisal_criterion
from . import scp_appraisal
from . import scp_appraisal_job
from . import scp_appraisal_line
from . import res_config_settings
