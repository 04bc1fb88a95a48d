from werkzeug.exceptions import NotFound

from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class SupplyPortal(CustomerPortal):
    """The frame of all supply pages: who is there, in which role, and what the policy opens to him.

    A page asks :meth:`_get_supply_relations` for a role and a switch of the share policy. Who may not see something
    gets the same answer as who asks for what does not exist. Reading is done by GET routes that cannot write, writing
    by POST routes of their own.
    """

    # === RELATIONS === #

    def _get_supply_partner(self):
        """The company of the user. Employees are in the portal what their own contact is."""
        # sudo: a portal user may not read his own company's record whole
        return request.env.user.sudo().partner_id.commercial_partner_id

    def _get_supply_relations(self, roles, switch):
        """The relations in force in which a policy opens a page to the user.

        :param roles: values of ``scp.relation.role``, the first that fits a company wins
        :param str switch: name of a boolean of ``scp.share.policy``
        :return: relation, as superuser, by ``res.company``
        :rtype: dict
        """
        # sudo: the companies of a portal user are no secret to him, but not readable either
        companies = request.env.user.sudo().company_ids
        found = request.env['scp.relation']._get_relations_by_role(self._get_supply_partner(), companies)
        relations = {}
        for company in companies:
            for role in roles:
                if (relation := found.get((company, role))) and relation._get_shared()[switch]:
                    relations.setdefault(company, relation)
        return relations

    def _get_open_supply_relations(self, roles, switch):
        """As :meth:`_get_supply_relations`, for a page that does not exist without one."""
        relations = self._get_supply_relations(roles, switch)
        if not relations:
            raise NotFound
        return relations

    # === DOCUMENTS === #

    def _get_supply_domain(self, relations, line_field='order_line'):
        """The orders of the user's company that these relations are about."""
        partner = self._get_supply_partner()
        return Domain('partner_id.commercial_partner_id', '=', partner.id) & Domain.OR(
            Domain('company_id', '=', company.id) & (
                Domain.TRUE if relation._get_product_domain() == Domain.TRUE
                else Domain(line_field, 'any', relation._get_product_domain())
            ) for company, relation in relations.items()
        )

    def _get_supply_document(self, model, document_id, domain):
        """The document, as superuser, when the user may read it and it is in the domain.

        :raise NotFound: otherwise, whatever the reason
        """
        Model = request.env[model]
        if not Model.has_access('read'):
            raise NotFound
        document = Model.search(Domain('id', '=', document_id) & domain, limit=1)
        if not document:
            raise NotFound
        # sudo: the record rules were asked; what is shown goes through a serializer
        return document.sudo()

    # === PAGES === #

    def _get_supply_sections(self):
        """The pages that are open to the user, for the tabs on top of each: code, label and address.

        Addons and topics with further pages extend the list.

        :rtype: list[dict]
        """
        sections = []
        if self._get_supply_relations(('supplier',), 'share_orders'):
            sections.append({
                'code': 'purchase', 'label': request.env._("Orders to us"), 'url': '/my/supply/purchases',
            })
        if self._get_supply_relations(('distributor', 'customer'), 'share_orders'):
            sections.append({'code': 'sale', 'label': request.env._("Deliveries"), 'url': '/my/supply/orders'})
        return sections

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            # the page, not its counters: a card that counts nothing is hidden, but without a relation even its
            # address does not exist
            values['supply_codes'] = [section['code'] for section in self._get_supply_sections()]
        return values

    def _render_supply(self, template, section, **values):
        """Render a page in the frame.

        :param str section: code of the page's section
        """
        return request.render(template, {
            **self._prepare_portal_layout_values(),
            'page_name': f'supply_{section}',
            'supply_section': section,
            'supply_sections': self._get_supply_sections(),
            **values,
        })

    def _prepare_supply_page(self, model, domain, order, url, page, **url_args):
        """One page of documents: the records, read as the user, and the pager."""
        Model = request.env[model]
        if not Model.has_access('read'):
            raise NotFound
        values = pager(
            url=url, total=Model.search_count(domain), page=page, step=self._items_per_page, url_args=url_args,
        )
        return Model.search(domain, order=order, limit=self._items_per_page, offset=values['offset']), values
