from odoo import api, fields, models

from .coc import MODELS

KINDS = [
    ('management', "Management System"),
    ('product', "Product"),
    ('substance', "Substances"),
    ('origin', "Origin and Chain of Custody"),
    ('social', "Work and Society"),
]


class ScpStandard(models.Model):
    """A standard, scheme or regulation that partners prove they keep: its number, not its text."""

    _name = 'scp.standard'
    _description = "Standard"
    _rec_names_search = ['code', 'name']
    _order = 'kind, code, id'

    code = fields.Char(string="Number", required=True, index=True)
    name = fields.Char(string="Title", required=True, translate=True)
    issuer = fields.Char(string="Published By")
    region = fields.Char(translate=True, help="Where it holds. Empty: everywhere.")
    year = fields.Char(string="Edition", size=4, help="The year of the edition.")
    kind = fields.Selection(KINDS, required=True, default='management')
    scope = fields.Char(translate=True, help="What it is about, in a few words.")
    coc_model = fields.Selection(
        MODELS, string="Chain of Custody",
        help="How certified goods are kept apart from others (ISO 22095), where the standard says so by itself.",
    )
    validity_months = fields.Integer(
        string="Months Valid", aggregator=None, help="How long certificates usually hold. 0: not limited.",
    )
    active = fields.Boolean(default=True)
    certificate_count = fields.Integer(string="Valid Certificates", compute='_compute_certificate_count')

    _code_uniq = models.UniqueIndex('(code, year) WHERE active', "There is a standard with this number and edition.")
    _months_positive = models.Constraint(
        'CHECK (validity_months >= 0)', "A certificate cannot hold for a negative time.")

    # === COMPUTE === #

    @api.depends('code', 'year')
    def _compute_display_name(self):
        for standard in self:
            standard.display_name = f'{standard.code}:{standard.year}' if standard.year else standard.code

    def _compute_certificate_count(self):
        counts = dict(self.env['scp.certificate']._read_group(
            [('standard_id', 'in', self.ids), ('state', '=', 'valid')], ['standard_id'], ['__count'],
        ))
        for standard in self:
            standard.certificate_count = counts.get(standard._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_certificates(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_certificate_action')
        return action | {'domain': [('standard_id', '=', self.id)], 'context': {'default_standard_id': self.id}}
