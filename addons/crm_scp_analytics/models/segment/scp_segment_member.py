from odoo import api, fields, models


class ScpSegmentMember(models.Model):
    """A customer's time in a segment: from when it held him, until when.

    Written by the refresh of the segment alone; who comes back gets a row of its own.
    """

    _name = 'scp.segment.member'
    _description = "Segment Membership"
    _order = 'date_start desc, id desc'
    _rec_name = 'customer_id'
    _log_access = False
    _check_company_auto = True

    segment_id = fields.Many2one(
        comodel_name='scp.segment', required=True, readonly=True, index=True, ondelete='cascade', check_company=True,
    )
    customer_id = fields.Many2one(
        comodel_name='scp.customer', required=True, readonly=True, index=True, ondelete='cascade', check_company=True,
    )
    # Stored for security rules
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    grade_id = fields.Many2one(related='customer_id.grade_id')
    date_start = fields.Datetime(string="In Since", required=True, readonly=True)
    date_end = fields.Datetime(string="Left On", readonly=True, help="Empty: in it now.")

    # The members of a segment now: read wherever it is used, and compared by each refresh.
    _current_uniq = models.UniqueIndex(
        "(segment_id, customer_id) WHERE date_end IS NULL", "A customer is in a segment once at a time.",
    )

    # === ACTIONS ===#

    @api.readonly
    def action_open_customer(self):
        """Open the page of the customer."""
        self.ensure_one()
        return self.customer_id.action_open_partner()
