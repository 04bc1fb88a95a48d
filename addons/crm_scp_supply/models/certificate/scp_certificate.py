from base64 import b64decode

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.complaint.mail_rules import MEGABYTE, FilePolicy

from .coc import MODELS, ORDER

STATES = [
    ('draft', "To Confirm"),
    ('valid', "Valid"),
    ('expired', "Expired"),
    ('suspended', "Suspended"),
    ('withdrawn', "Withdrawn"),
]
FILES = FilePolicy(max_mb=10, types=frozenset({'pdf', 'png', 'jpg', 'jpeg'}))
#: who says that a certificate counts
CONFIRMERS = ('crm_scp_core.group_scp_quality', 'crm_scp_core.group_scp_manager')

#: what a certificate proves, which nobody else changes once it counts
PROOF = frozenset({
    'categ_ids', 'coc_model', 'company_id', 'date_from', 'date_to', 'document', 'document_name', 'is_waiver', 'number',
    'partner_id', 'product_ids', 'site_ids', 'standard_id', 'void_from', 'void_to',
})


class ScpCertificate(models.Model):
    """A partner's proof that he keeps a standard: for what, from when to when, and with which document.

    A certificate counts once a person has confirmed it. Whether it covered goods is asked for the day they came, see
    :meth:`_get_cover_condition`: neither its state today nor the day of a withdrawal rewrites what held before.

    Reminders are in `scp_certificate_remind.py`, what rests on a certificate in `scp_certificate_affected.py`, what
    its partner sees in `scp_certificate_portal.py`.
    """

    _name = 'scp.certificate'
    _inherit = ['mail.thread', 'mail.activity.mixin', 'scp.product.scope.mixin']
    _description = "Certificate"
    _rec_names_search = ['number', 'partner_id', 'standard_id']
    _order = 'date_to, id'
    _check_company_auto = True

    partner_id = fields.Many2one(
        'res.partner', string="Holder", required=True, index=True, ondelete='restrict', check_company=True,
        tracking=True, domain="[('parent_id', '=', False)]", help="The company. Its sites are named below.",
    )
    standard_id = fields.Many2one('scp.standard', required=True, index=True, ondelete='restrict', tracking=True)
    number = fields.Char(tracking=True, index='trigram')
    issuer = fields.Char(string="Issued By", help="The body that certified.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Responsible", compute='_compute_user_id', store=True, readonly=False, precompute=True,
        index='btree_not_null', tracking=True, domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
    is_waiver = fields.Boolean(
        string="Exemption", default=False, tracking=True,
        help="Not a certificate: we accept the partner without one until the last day, for the reason in the notes. "
        "Orders, receipts and deliveries go on; lots and figures say that there was none.",
    )
    coc_model = fields.Selection(
        MODELS, string="Chain of Custody", compute='_compute_coc_model', store=True, readonly=False, precompute=True,
        help="How the holder keeps certified goods apart from others (ISO 22095).",
    )

    # What it covers
    product_ids = fields.Many2many(help="Products covered, beside the categories. Both empty: all he supplies.")
    site_ids = fields.Many2many(
        'res.partner', string="Sites", check_company=True, domain="[('id', 'child_of', partner_id)]",
        help="Addresses of the holder that are covered. Empty: all of them.",
    )
    date_from = fields.Date(string="Valid From", required=True, tracking=True)
    date_to = fields.Date(
        string="Valid To", compute='_compute_date_to', store=True, readonly=False, precompute=True, tracking=True,
        help="The last day. Empty: not limited.",
    )
    void_from = fields.Date(
        readonly=True, copy=False, tracking=True,
        help="Since it was suspended or withdrawn: goods that came on this day or later are not covered.",
    )
    void_to = fields.Date(
        string="Void Until", readonly=True, copy=False, tracking=True,
        help="From this day on it covers goods again: the suspension was lifted.",
    )
    void_reason = fields.Text(string="Reason", readonly=True, copy=False)

    # The document, and who stands for it
    document = fields.Binary(attachment=True, copy=False, help="PDF, PNG or JPEG, up to 10 MB.")
    document_name = fields.Char(string="File Name", copy=False)
    notes = fields.Text()
    is_uploaded = fields.Boolean(string="From the Portal", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one('res.users', readonly=True, copy=False, ondelete='set null')
    confirmed_at = fields.Datetime(string="Confirmed On", readonly=True, copy=False)
    days_left = fields.Integer(
        compute='_compute_days_left', search='_search_days_left', aggregator=None,
        help="Until the last day. Empty when it is not limited.",
    )

    # _get_cover_condition(): the certificates of a partner and standard
    _cover_idx = models.Index("(partner_id, standard_id, date_to) WHERE state != 'draft'")
    # _scp_upload(): one record for what was sent twice
    _number_uniq = models.UniqueIndex(
        "(partner_id, standard_id, number, date_from, company_id) WHERE number IS NOT NULL AND number != ''",
        "This certificate is known already.")
    _dates_order = models.Constraint(
        'CHECK (date_to IS NULL OR date_to >= date_from)', "A certificate cannot expire before it becomes valid.")
    _number_or_waiver = models.Constraint(
        "CHECK (is_waiver IS TRUE OR COALESCE(number, '') != '')", "Number: enter the number of the certificate.")
    _waiver_ends = models.Constraint(
        "CHECK (is_waiver IS NOT TRUE OR date_to IS NOT NULL AND COALESCE(notes, '') != '')",
        "An exemption needs a last day (Valid To) and its reason (Notes).")

    # === COMPUTE === #

    @api.depends('standard_id', 'number', 'is_waiver')
    def _compute_display_name(self):
        for certificate in self:
            standard = certificate.standard_id.display_name or ""
            number = self.env._("exemption") if certificate.is_waiver else certificate.number
            certificate.display_name = f'{standard}, {number}' if number else standard

    @api.depends('partner_id')
    def _compute_user_id(self):
        for certificate in self:
            certificate.user_id = certificate.user_id or certificate.partner_id.buyer_id or (
                self.env.user if self.env.user.active and self.env.user._is_internal() else False)

    @api.depends('standard_id')
    def _compute_coc_model(self):
        for certificate in self:
            certificate.coc_model = certificate.standard_id.coc_model

    @api.depends('standard_id', 'date_from')
    def _compute_date_to(self):
        for certificate in self:
            months = certificate.standard_id.validity_months
            if not certificate.date_to and months and certificate.date_from:
                certificate.date_to = certificate.date_from + relativedelta(months=months, days=-1)

    @api.depends('date_to')
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for certificate in self:
            certificate.days_left = (certificate.date_to - today).days if certificate.date_to else False

    def _search_days_left(self, operator, value):
        if operator not in ('<', '<=', '>', '>=') or not isinstance(value, int):
            return NotImplemented
        return Domain('date_to', operator, fields.Date.add(fields.Date.context_today(self), days=value))

    # === CONSTRAINS === #

    @api.constrains('partner_id', 'site_ids')
    def _check_partner_id(self):
        for certificate in self:
            holder = certificate.partner_id
            if holder != holder.commercial_partner_id:
                raise ValidationError(self.env._(
                    "Holder: choose the company %(company)s, not its contact %(contact)s.",
                    company=holder.commercial_partner_id.name, contact=holder.name))
            foreign = certificate.site_ids.filtered(lambda site, holder=holder: site.commercial_partner_id != holder)
            if foreign:
                raise ValidationError(self.env._(
                    "Sites: %(site)s does not belong to %(holder)s.", site=foreign[0].display_name, holder=holder.name))

    @api.constrains('document', 'document_name')
    def _check_document(self):
        for certificate in self.with_context(bin_size=False).filtered('document'):
            if error := self._get_file_error(certificate.document_name or "", b64decode(certificate.document)):
                raise ValidationError(self.env._(
                    "Document of %(certificate)s: %(error)s", certificate=certificate.display_name, error=error))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get('state', 'draft') != 'draft' for vals in vals_list):
            self._check_confirmer()
        return super().create(vals_list)

    def write(self, vals):
        if 'state' in vals or not PROOF.isdisjoint(vals) and any(record.state != 'draft' for record in self):
            self._check_confirmer()
        if 'date_to' in vals:
            # a later end is announced anew
            vals = {'reminded_days': 0, **vals}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if confirmed := self.filtered('confirmed_at'):
            raise UserError(self.env._(
                "%(certificate)s was confirmed: lots rest on it. Withdraw it instead.",
                certificate=confirmed[0].display_name))

    # === ACTIONS === #

    def action_confirm(self):
        """A person has looked at the document: from now on the certificate counts."""
        self._check_confirmer()
        for certificate in self.filtered(lambda certificate: certificate.state == 'draft'):
            if not certificate.document and not certificate.is_waiver:
                raise UserError(self.env._(
                    "%(certificate)s of %(partner)s has no document: attach it before you confirm.",
                    certificate=certificate.display_name, partner=certificate.partner_id.name))
            certificate.write({
                'state': certificate._get_state_by_date(),
                'confirmed_by_id': self.env.uid,
                'confirmed_at': fields.Datetime.now(),
            })
            certificate.activity_unlink(['crm_scp_supply.mail_activity_type_certificate'])
        return True

    def action_suspend(self):
        return self._open_void('suspended', self.env._("Suspend"))

    def action_withdraw(self):
        return self._open_void('withdrawn', self.env._("Withdraw"))

    def action_reinstate(self):
        """The suspension is lifted; goods that came meanwhile stay uncovered."""
        self._check_confirmer()
        for certificate in self.filtered(lambda certificate: certificate.state == 'suspended'):
            certificate.write({
                'state': certificate._get_state_by_date(), 'void_to': fields.Date.context_today(self)})
        return True

    def _open_void(self, state, name):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'scp.certificate.void',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_certificate_id': self.id, 'default_state': state},
        }

    # === BUSINESS: LIFE === #

    @api.model
    def _check_confirmer(self):
        """:raise AccessError: who enters certificates does not thereby make them count"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in CONFIRMERS):
            raise AccessError(self.env._(
                "Certificates are confirmed, changed afterwards, suspended and withdrawn by quality or by managers of "
                "customer relationship."))

    def _get_state_by_date(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        return 'expired' if self.date_to and self.date_to < today else 'valid'

    def _void(self, state, day, reason):
        """Suspend or withdraw a certificate.

        A second suspension is joined to the first: of two doubtful times, what came in between is doubtful too.

        :param str state: suspended or withdrawn
        :param datetime.date day: from which it covers nothing
        """
        self.ensure_one()
        self._check_confirmer()
        if self.state not in ('valid', 'expired', 'suspended'):
            raise UserError(self.env._(
                "%(certificate)s is not in force: there is nothing to withdraw.", certificate=self.display_name))
        if day < self.date_from:
            raise UserError(self.env._(
                "%(certificate)s was not valid before %(day)s: choose that day or a later one.",
                certificate=self.display_name, day=self.date_from))
        self.write({
            'state': state, 'void_from': min(day, self.void_from or day), 'void_to': False, 'void_reason': reason})
        self._tell_affected()

    @api.model
    def _drop_records(self):
        """Empty the tables when the addon goes: they name standards and partners, which go one by one."""
        self.env.flush_all()
        for model in ('scp.certificate', 'scp.certificate.requirement'):
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.env[model]._table)))
        self.env.invalidate_all(flush=False)

    # === BUSINESS: FILES === #

    @api.model
    def _get_file_error(self, name, content):
        """What is wrong with a document, or None.

        :param str name: with its ending
        :param bytes content: the file
        """
        reason = FILES.refuse(name, content)
        if reason == 'size':
            return self.env._(
                "File %(name)s is too large: %(size).1f MB, at most %(limit)s MB are accepted.",
                name=name, size=len(content) / MEGABYTE, limit=FILES.max_mb)
        if reason == 'type':
            return self.env._("File %(name)s: only PDF, PNG and JPEG are accepted.", name=name)
        if reason or name.lower().endswith('.pdf') and not content.startswith(b'%PDF-'):
            return self.env._("File %(name)s is not what its name says.", name=name)
        return None

    # === SQL === #

    @api.model
    def _get_cover_condition(self, day: SQL) -> SQL:
        """Condition on ``scp_certificate certificate``: it held on a day, whatever became of it later.

        :param day: expression of a date
        """
        return SQL(
            """certificate.state != 'draft' AND certificate.date_from <= %(day)s
               AND (certificate.date_to IS NULL OR certificate.date_to >= %(day)s)
               AND (certificate.void_from IS NULL OR %(day)s < certificate.void_from
                    OR certificate.void_to IS NOT NULL AND %(day)s >= certificate.void_to)""",
            day=day,
        )

    @api.model
    def _get_site_condition(self, address: SQL) -> SQL:
        """Condition on ``scp_certificate certificate``: it covers an address of its holder; NULL is any."""
        sites = self._fields['site_ids']
        return SQL(
            """(%(address)s IS NULL
                OR NOT EXISTS (SELECT FROM %(sites)s WHERE %(certificate)s = certificate.id)
                OR EXISTS (SELECT FROM %(sites)s WHERE %(certificate)s = certificate.id AND %(site)s = %(address)s))""",
            address=address, sites=SQL.identifier(sites.relation), certificate=SQL.identifier(sites.column1),
            site=SQL.identifier(sites.column2),
        )

    @api.model
    def _get_model_condition(self, coc_model: SQL) -> SQL:
        """Condition on ``scp_certificate certificate``: its chain of custody is strict enough; NULL asks for none."""
        return SQL(
            "(%(asked)s IS NULL OR array_position(%(order)s::varchar[], certificate.coc_model)"
            " <= array_position(%(order)s::varchar[], %(asked)s))",
            asked=coc_model, order=ORDER,
        )
