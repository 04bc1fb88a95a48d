from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [('dispute', "Disputed"), ('reply', "Reply"), ('accepted', "Accepted"), ('declined', "Declined")]


class ScpScorecardDisputeEntry(models.Model):
    """One step of a dispute. Rows are added, never changed or deleted: they are the trail of the record."""

    _name = 'scp.scorecard.dispute.entry'
    _description = "Dispute Entry"
    _order = 'dispute_id, id'
    _check_company_auto = True

    dispute_id = fields.Many2one(
        'scp.scorecard.dispute', required=True, readonly=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='dispute_id.company_id', store=True, index=True, precompute=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    is_partner = fields.Boolean(string="By the Partner", readonly=True)
    author_name = fields.Char(string="Author", required=True, readonly=True)
    user_id = fields.Many2one('res.users', readonly=True, ondelete='set null', index='btree_not_null')
    value_before = fields.Float(readonly=True, aggregator=None)
    value_after = fields.Float(readonly=True, aggregator=None)

    # === CRUD === #

    def write(self, vals):
        raise UserError(self.env._("What was said in a dispute is a record: add to it instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was said in a dispute is a record and stays."))
