from odoo import api, models
from odoo.tools import email_normalize, html2plaintext

from .scp_complaint_intake import IntakeError

FORM_KEY = 'create_scp_complaint'
#: what a form may ask a visitor for
FORM_FIELDS = ('name', 'description', 'email_from', 'phone', 'identifier', 'remedy_sought')


class ScpComplaint(models.Model):
    """Complaints by a form of the website, where Odoo's website is installed: it need not be."""

    _inherit = 'scp.complaint'

    # === OFFERING THE FORM ===#

    def _register_hook(self):
        super()._register_hook()
        # the website may come long after this addon, and loads nothing of ours then
        model = self.env['ir.model']._get(self._name)
        if model and 'website_form_key' in model._fields and not model.website_form_key:
            self._offer_website_form(model)

    @api.model
    def _offer_website_form(self, model):
        """Let the editor of the website offer a form for complaints; once, so that who takes it
        back is not overruled.

        :param model: the `ir.model` of complaints
        """
        model.write({
            'website_form_key': FORM_KEY,
            'website_form_access': True,
            'website_form_default_field_id': self.env['ir.model.fields']._get(self._name, 'description').id,
        })
        for code, _name in self.env['res.lang'].get_installed():
            env = self.with_context(lang=code).env
            model.with_env(env).website_form_label = env._("File a Complaint")
        self.env['ir.model.fields'].formbuilder_whitelist(self._name, FORM_FIELDS)

    # === WHAT A VISITOR FILES ===#

    @api.private
    def website_form_input_filter(self, request, values):
        """Check and complete what a visitor filled in. The website calls this before it creates.

        :raise IntakeError: with a sentence for every field that is wrong
        """
        company = request.website.company_id
        complaints = self.sudo()  # sudo: visitors have no access; what they may file is checked here
        partner = complaints._get_website_customer(request.env.user, values.get('email_from'), company)
        email = values.get('email_from') or partner.email
        errors = {}
        if not email_normalize(email or ''):
            errors['email_from'] = self.env._("Email: tell us your address, so that we can answer you.")
        uploads = [file for _name, file in request.httprequest.files.items(multi=True) if file.filename]
        files = [(file.filename, file.read()) for file in uploads]
        for file in uploads:
            file.seek(0)  # the website reads it again
        complaints._check_filed_files(files, company, errors)
        filed = complaints._prepare_filed_values(partner, {
            'subject': values.get('name'),
            'description': html2plaintext(values.get('description') or ''),
            'remedy': values.get('remedy_sought'),
            'reference': values.get('identifier'),
        }, company, errors)
        if errors:
            raise IntakeError(errors)
        complaints._trigger_acknowledgements()
        return {
            **filed,
            'partner_id': partner.id,
            'email_from': email,
            'phone': values.get('phone') or partner.phone,
            'lang': partner.lang or complaints._find_language(request.env.lang),
            'company_id': company.id,
            'user_id': False,
            'channel': 'web',
            'acknowledgement_due': company.sudo().scp_complaint_auto_acknowledge,  # sudo: a setting of ours
        }

    @api.model
    def _get_website_customer(self, user, email, company):
        """Who fills in the form: the customer who is logged in, else whom the address tells."""
        partner = user.partner_id if user._is_portal() else self._find_partner(email)
        return partner.filtered(lambda p: p.partner_share and p.company_id in (company, company.browse()))
