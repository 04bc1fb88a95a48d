from odoo import api, fields, models


class ScpValueModelLineMixin(models.AbstractModel):
    """Line of a value model: it changes with a draft, and never again."""

    _name = 'scp.value.model.line.mixin'
    _description = "Line of a Value Model"
    _check_company_auto = True

    model_id = fields.Many2one(
        comodel_name='scp.value.model', string="Value Model", required=True, index=True, ondelete='cascade',
        check_company=True,
    )
    # Stored for security rules.
    company_id = fields.Many2one(related='model_id.company_id', store=True, index=True)

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.model_id._check_draft()
        return lines

    def write(self, vals):
        self.model_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.model_id._check_draft()
