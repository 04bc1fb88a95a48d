from odoo import api, models


class IrModuleModule(models.Model):
    _inherit = 'ir.module.module'

    @api.model
    def _commit_scp_schema(self):
        """Commit the tables and columns of the addon being installed, before its data are loaded.

        Whoever reads a table waits for the transaction that gave it a column, and Odoo ends that only
        when all views are checked. Should they fail, what is left is columns that nobody reads and
        that the next attempt finds.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit # as the docstring says
