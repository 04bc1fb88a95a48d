from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def write(self, vals):
        """A contact that moves under another company takes his business, and his record, along."""
        if 'parent_id' not in vals and 'is_company' not in vals:
            return super().write(vals)
        before = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        moves = [
            (partner, source, partner.commercial_partner_id)
            for partner, source in before.items()
            if source != partner.commercial_partner_id
        ]
        if moves:
            self._scp_rehome(moves)
        return result

    def _scp_rehome(self, moves):
        """Let customer records follow a change of commercial partner.

        :param moves: tuples (partner, commercial partner before, commercial partner after)
        """
        # Nobody but the structure of contacts decides here, whoever changed it.
        Customer = self.env['scp.customer'].sudo().with_context(active_test=False)
        sources = self.union(*(source for __, source, __ in moves))
        if not Customer.search_count([('partner_id', 'in', sources.ids)], limit=1):
            return
        for partner, source, target in moves:
            if partner == source:
                Customer._rehome(partner, target)
        Customer._refresh_for_partners(
            sources.union(*(target for __, __, target in moves))
        )
