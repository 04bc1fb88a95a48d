from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

CHANNELS = [
    ('email', "Email"),
    ('phone', "Phone"),
    ('visit', "Visit"),
    ('chat', "Chat or Message"),
    ('portal', "Portal"),
    ('post', "Letter"),
]


class MeasureTotal(NamedTuple):
    """A measure added up over several periods.

    :param numerator: sum of the numerators, in `currency_id` where it is money
    :param denominator: sum of the denominators
    :param n: number of records behind the figure
    :param currency_id: id of the currency, False where the numerator is not money
    """

    numerator: float
    denominator: float
    n: int
    currency_id: int | bool

    @property
    def ratio(self) -> float | None:
        """Sum over sum; None (shown as "no data") when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


class ScpCustomer(models.Model):
    """One row per commercial partner and company: the shared record of a customer.

    The customer's page is the form of `res.partner`; this model carries what a company knows and
    decides about him, and it is what lists, pivots and groupings are made on. Rows come from
    business, not from hands: `scp.customer.refresh` adds and updates them set-wise, and nothing
    here is written while an order is confirmed.
    """

    _name = 'scp.customer'
    _description = "Customer"
    _rec_name = 'partner_id'
    _rec_names_search = ['partner_id']
    # The most valuable first; in SQL the ones not scored yet would come before all others.
    _order = 'value_score DESC NULLS LAST, id DESC'
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Customer",
        required=True,
        index=True,
        ondelete='cascade',
        check_company=True,
        help="The company or person as a whole, not one of the contacts inside.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        ondelete='cascade',
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Owner",
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Who answers for this customer in this company. Starts as the salesperson of the "
             "contact; from then on it is changed here.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        compute='_compute_team_id',
        store=True,
        readonly=False,
        precompute=True,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="The leader and the members of this team see the customer too.",
    )

    # Value, written by the scoring of whichever addon provides it
    grade_id = fields.Many2one(
        comodel_name='scp.grade',
        string="Value Grade",
        index='btree_not_null',
        ondelete='restrict',
        help="Class of value of this customer for this company. Empty: not scored yet.",
    )
    grade_trend = fields.Selection(
        selection=[('up', "Rising"), ('same', "Unchanged"), ('down', "Falling")],
        help="The grade against that of the scoring before.",
    )
    value_score = fields.Float(
        digits=(5, 1),
        aggregator='avg',
        help="Value of the customer from 0 to 100, where 100 is the best. Only meaningful "
             "together with the date of the scoring.",
    )
    scored_at = fields.Datetime(string="Scored On", help="Empty: not scored yet.")

    # Relationship
    preferred_channel = fields.Selection(
        selection=CHANNELS,
        help="How the customer wants us to get in touch.",
    )
    completeness = fields.Integer(
        string="Profile Completeness",
        aggregator='avg',
        help="Share of the profile that is filled, from 0 to 100. Counted: email, phone, street, "
             "city, ZIP, country and language of the contact, the owner and the preferred channel; "
             "for a company also tax ID, industry and website. Each counts the same. Updated "
             "with the figures of the customer.",
    )
    completeness_missing = fields.Char(
        string="Missing in the Profile",
        compute='_compute_completeness_missing',
        help="What to fill to complete the profile.",
    )
    measure_ids = fields.One2many(
        comodel_name='scp.customer.measure',
        inverse_name='customer_id',
        string="Measures",
    )

    # Attributes of the contact: never stored here, grouped and searched through the contact
    active = fields.Boolean(compute='_compute_active', search='_search_active', compute_sudo=True)
    is_company = fields.Boolean(related='partner_id.is_company')
    email = fields.Char(related='partner_id.email')
    phone = fields.Char(related='partner_id.phone')
    website = fields.Char(related='partner_id.website')
    vat = fields.Char(related='partner_id.vat')
    ref = fields.Char(related='partner_id.ref', string="Customer Reference")
    lang = fields.Selection(related='partner_id.lang')
    city = fields.Char(related='partner_id.city')
    state_id = fields.Many2one(related='partner_id.state_id')
    country_id = fields.Many2one(related='partner_id.country_id')
    industry_id = fields.Many2one(related='partner_id.industry_id')
    category_id = fields.Many2many(related='partner_id.category_id', string="Tags")
    image_128 = fields.Image(related='partner_id.image_128')
    avatar_128 = fields.Image(related='partner_id.avatar_128')

    # Activities live on the contact, so that there is one place to look
    activity_state = fields.Selection(related='partner_id.activity_state')
    activity_summary = fields.Char(related='partner_id.activity_summary')
    activity_date_deadline = fields.Date(related='partner_id.activity_date_deadline')
    my_activity_date_deadline = fields.Date(related='partner_id.my_activity_date_deadline')

    _partner_company_uniq = models.UniqueIndex(
        '(partner_id, company_id)',
        "There is already a record of this customer in this company.",
    )
    # Lists and pivots by grade within a company, and the writing back of scores.
    _company_grade_idx = models.Index('(company_id, grade_id)')
    # The list of all, which begins with the most valuable
    _value_idx = models.Index('(value_score DESC NULLS LAST, id DESC)')

    # === COMPUTE METHODS ===#

    @api.depends('partner_id.active')
    def _compute_active(self):
        for customer in self:
            customer.active = customer.partner_id.active

    def _search_active(self, operator, value):
        """All but the few archived. A related field would join every contact, to count those of a list too."""
        if operator != 'in':
            return NotImplemented
        # sudo: whether a contact is archived shows on his customer, whoever may read the contact
        archived = self.env['res.partner'].sudo().with_context(active_test=False)._search([('active', '=', False)])
        domain = Domain('partner_id', 'not in', archived)
        return Domain.OR([domain] * (True in value) + [~domain] * (False in value))

    @api.depends('user_id')
    def _compute_team_id(self):
        for customer in self:
            user, team = customer.user_id, customer.team_id
            if not user or (team and user in (team.member_ids | team.user_id)):
                continue
            # sudo: a team of the owner's own, in this company, whoever may see it. Another one
            # would open the customer to people who have nothing to do with him.
            customer.team_id = self.env['crm.team'].sudo().search([
                ('company_id', 'in', (False, customer.company_id.id)),
                '|', ('user_id', '=', user.id), ('crm_team_member_ids.user_id', '=', user.id),
            ], limit=1)

    @api.depends(lambda self: [
        *(f'partner_id.{name}' for name in {
            *self._get_profile_fields(is_company=True), *self._get_profile_fields(is_company=False),
        }),
        *self._get_own_profile_fields(), 'partner_id.is_company',
    ])
    @api.depends_context('lang')
    def _compute_completeness_missing(self):
        own_names = self._get_own_profile_fields()
        own_labels = self.fields_get(own_names, ['string'])
        # sudo: labels are no secret, and the sentence must name every field that counts
        partner_labels = self.env['res.partner'].sudo().fields_get(attributes=['string'])
        for customer in self:
            partner = customer.partner_id
            names = self._get_profile_fields(is_company=partner.is_company)
            missing = [partner_labels[name]['string'] for name in names if not partner[name]]
            missing += [own_labels[name]['string'] for name in own_names if not customer[name]]
            customer.completeness_missing = ", ".join(missing)

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if partner_id := vals.get('partner_id'):
                partner = self.env['res.partner'].browse(partner_id)
                vals['partner_id'] = partner.commercial_partner_id.id
        return super().create(vals_list)

    def write(self, vals):
        self._check_writable(vals)
        return super().write(vals)

    # === ACTIONS ===#

    def action_schedule_activity(self):
        """Plan an activity on the contacts of these customers."""
        return {
            'name': self.env._("Schedule Activity"),
            'type': 'ir.actions.act_window',
            'res_model': 'mail.activity.schedule',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'active_model': 'res.partner',
                'active_id': self.partner_id[:1].id,
                'active_ids': self.partner_id.ids,
            },
        }

    # === BUSINESS METHODS: READING ===#

    def _get_measures(self, codes, months=12) -> dict[int, dict[str, MeasureTotal | None]]:
        """Add up measures over the current month and those before, in one query.

        :param codes: codes of measures
        :param months: number of months, the current one included
        :return: for each id of `self` and each code the total, or None where there is no data
        """
        today = fields.Date.context_today(self)
        since = today.replace(day=1) - relativedelta(months=months - 1)
        totals = {customer_id: dict.fromkeys(codes) for customer_id in self.ids}
        for customer, code, *figures, currency_ids in self.env['scp.customer.measure']._read_group(
            [('customer_id', 'in', self.ids), ('code', 'in', list(codes)), ('period', '>=', since)],
            groupby=['customer_id', 'code'],
            aggregates=['numerator:sum', 'denominator:sum', 'n:sum', 'currency_id:array_agg_distinct'],
        ):
            # Every period is converted into the currency of the company: there is but one.
            totals[customer.id][code] = MeasureTotal(*figures, currency_ids[0] or False)
        return totals

    # === BUSINESS METHODS: PROFILE ===#

    @api.model
    def _get_profile_fields(self, *, is_company: bool) -> list[str]:
        """Stored fields of `res.partner` that make a profile complete."""
        names = ['email', 'phone', 'street', 'city', 'zip', 'country_id', 'lang']
        if is_company:
            names += ['vat', 'industry_id', 'website']
        return names

    @api.model
    def _get_own_profile_fields(self) -> list[str]:
        """Stored fields of this model that make a profile complete."""
        return ['user_id', 'preferred_channel']

    # === BUSINESS METHODS: KEEPING THE ROWS ===#

    @api.model
    def _cron_refresh(self):
        """Bring rows and figures of all customers up to date.

        Run by the scheduled job in batches that are committed one by one; called from elsewhere
        (installation of demo data, tests) it does all at once and leaves the commit to the caller.
        """
        # sudo: figures are those of all documents, whoever starts the job
        Refresh = self.env['scp.customer.refresh'].sudo()
        if not self.env.context.get('ir_cron_progress_id'):
            refresh = Refresh._begin()
            while not refresh.date_end:
                refresh._run_batch()
            return
        cron = self.env['ir.cron']
        refresh = Refresh._resume()
        time_left = cron._commit_progress(remaining=refresh._get_remaining_batches())
        while time_left and not refresh.date_end:
            refresh._try_batch()
            time_left = cron._commit_progress(1, remaining=refresh._get_remaining_batches())

    @api.model
    def _refresh_for_partners(self, partners):
        """Bring rows and figures of a few customers up to date, now.

        :param partners: `res.partner` records; their commercial partners are refreshed in every
            company where they have business
        """
        # sudo: figures are those of all documents, whoever asks for them
        self.env['scp.customer.refresh'].sudo()._refresh_partners(
            partners.sudo().commercial_partner_id
        )

    @api.model
    def _rehome(self, partners, target):
        """Bring the rows of `partners` under `target`, one per company, and lose nothing.

        :param partners: commercial partners that no longer stand for themselves
        :param target: the commercial partner that takes over
        """
        # sudo: who may merge contacts moves their rows in every company
        customers = self.sudo().with_context(active_test=False).search(
            [('partner_id', 'in', (partners | target).ids)], order='id',
        )
        for rows in customers.grouped('company_id').values():
            sources = rows.filtered(lambda row: row.partner_id != target)
            kept = rows - sources
            if not kept:
                kept, sources = sources[0], sources[1:]
                # By SQL as the merge of contacts does: what is being merged may be inconsistent
                # for a moment, and a check of companies would stop it half-way.
                self.env.execute_query(SQL(
                    "UPDATE scp_customer SET partner_id = %s WHERE id = %s", target.id, kept.id,
                ))
                kept.invalidate_recordset(['partner_id'], flush=False)
            sources._merge_into(kept)

    def _merge_into(self, kept):
        """Merge rows of one company into one of them: links follow, empty values are filled.

        :param kept: the row that stays
        """
        if not self:
            return
        # sudo: links follow in tables this user may not even see
        wizard = self.env['base.partner.merge.automatic.wizard'].sudo()
        for model_name, key in self._get_merge_keys().items():
            wizard._scp_unlink_collisions(model_name, 'customer_id', key, self.ids, kept.id)
        wizard._update_foreign_keys_generic('scp.customer', self, kept)
        wizard._update_reference_fields_generic('scp.customer', self, kept)
        if values := self._prepare_merge_values(kept):
            kept.sudo().write(values)
        self.sudo().unlink()

    @api.model
    def _get_merge_keys(self) -> dict[str, tuple[str, ...]]:
        """Models with a unique key over `customer_id`, and the other stored fields of that key.

        On a merge the row of the customer that stays wins. Addons add their own by `super()`;
        every other link to this model follows by itself.
        """
        return {'scp.customer.measure': ('code', 'period')}

    def _prepare_merge_values(self, kept) -> dict:
        """Values that the row to keep lacks and a merged row has. Groups are taken whole."""
        values = {}
        for names in (
            ('user_id', 'team_id'),
            ('preferred_channel',),
            ('scored_at', 'value_score', 'grade_id', 'grade_trend'),
            ('life_cycle_user_id', 'life_cycle_stage', 'life_cycle_note', 'life_cycle_until'),
        ):
            donor = self.filtered(names[0])[:1]
            if donor and not kept[names[0]]:
                values.update(donor._convert_to_write({name: donor[name] for name in names}))
        return values

    def _check_writable(self, vals):
        """Refuse by-hand changes of what identifies a row or is worked out."""
        protected = self._get_protected_fields() & vals.keys()
        if protected and not self.env.su:
            labels = self.fields_get(list(protected), ['string'])
            raise AccessError(self.env._(
                "%(field)s of customer %(customer)s is worked out and cannot be changed by hand.",
                field=", ".join(labels[name]['string'] for name in sorted(protected)),
                customer=", ".join(self[:5].mapped('display_name')),
            ))

    @api.model
    def _get_protected_fields(self) -> set[str]:
        return {
            'partner_id', 'company_id', 'completeness',
            'grade_id', 'grade_trend', 'value_score', 'scored_at',
        }
