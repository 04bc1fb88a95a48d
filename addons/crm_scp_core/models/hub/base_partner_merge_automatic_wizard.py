from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Bring customers over before the base does, which stumbles over unique indexes."""
        Customer = self.env['scp.customer']
        # The sources are about to vanish, their customers are not.
        touched = (src_partners | dst_partner).commercial_partner_id - src_partners
        for model_name, keys in self._get_scp_merge_keys().items():
            for link_field, *key in keys:
                self._scp_unlink_collisions(
                    model_name, link_field, key, src_partners.ids, dst_partner.id,
                )
        Customer._rehome(src_partners, dst_partner.commercial_partner_id)
        super()._update_foreign_keys(src_partners, dst_partner)
        Customer._refresh_for_partners(touched)

    @api.model
    def _get_scp_merge_keys(self) -> dict[str, list[tuple[str, ...]]]:
        """Models with a unique key over a contact, for addons to extend by `super()`.

        :return: by name of the model one tuple per key: the link to `res.partner`, then the other
            stored fields of the key. On a merge the row of the contact that stays wins; what has
            no unique key needs no entry, and `scp.customer` is handled apart.
        """
        return {}

    @api.model
    def _scp_unlink_collisions(self, model_name, link_field, key, source_ids, kept_id):
        """Delete the rows that would break a unique key once their links are brought together.

        Of rows equal in `key` the one of the record that stays survives, else the oldest. An empty
        value counts as equal to another one.

        :param str model_name: model of the rows
        :param str link_field: its link to the records being merged
        :param key: names of the other stored fields of the unique key
        :param source_ids: ids of the records that go
        :param kept_id: id of the record that stays
        """
        table = SQL.identifier(self.env[model_name]._table)
        link = SQL.identifier(link_field)
        self.env.flush_all()
        self.env.execute_query(SQL(
            """
            DELETE FROM %(table)s
             WHERE id IN (SELECT id
                            FROM (SELECT id,
                                         ROW_NUMBER() OVER (
                                             PARTITION BY %(key)s
                                             ORDER BY (%(link)s = %(kept)s) DESC, id
                                         ) AS place
                                    FROM %(table)s
                                   WHERE %(link)s IN %(ids)s) ranked
                           WHERE place > 1)
            """,
            table=table,
            link=link,
            kept=kept_id,
            ids=(kept_id, *source_ids),
            key=SQL(", ").join([SQL.identifier(name) for name in key] or [SQL("NULL")]),
        ))
        self.env[model_name].invalidate_model(flush=False)
