from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...tools import binary_copy

# What customers are sorted by: of their latest score, the first also numbers the groups.
FIGURES = ('monetary', 'purchase_count', 'recency_days')


class ScpSegment(models.Model):
    """Profiles of alike customers: found by the engine, each a segment named by what sets it apart."""

    _inherit = 'scp.segment'

    # === BUSINESS METHODS ===#

    def _refresh_cluster(self):
        """Sort the scored customers into profiles.

        A profile is the one of the run before where the same figures set it apart: it keeps its name,
        also one given by hand, and its history. One that is not found any more is emptied and archived.

        :raise UserError: too few customers are scored
        """
        from ...engine import profiles  # noqa: PLC0415  numpy is loaded by the process that sorts
        from ...engine.frame import NotEnoughData  # noqa: PLC0415  as above

        self.ensure_one()
        columns = self._fetch_figures()
        customer_ids = columns.pop('customer_id')
        try:
            found = profiles.find(
                list(zip(*columns.values(), strict=True)), FIGURES, self.group_count or None,
            )
        except (NotEnoughData, ValueError):
            raise UserError(self._get_too_few_message(len(customer_ids)))
        children = self.with_context(active_test=False).child_ids.grouped('profile_key')
        kept = self.browse()
        for number, (key, name) in enumerate(self._get_profile_names(found.names)):
            child = children.get(key) or self.create(self._prepare_profile_values(key, name))
            child.write({'active': True, 'sequence': self.sequence, 'refreshed_at': self.env.cr.now()})
            child._sync_members(SQL("SELECT unnest(%s) AS id", customer_ids[found.group == number].tolist()))
            kept |= child
        for child in self.with_context(active_test=False).child_ids - kept:
            child._sync_members(SQL("SELECT NULL::integer AS id WHERE FALSE"))
            child.active = False

    def _fetch_figures(self):
        """:return: columns `customer_id` and `FIGURES` of the customers in the latest run of the company"""
        run = self.env['scp.value.run']._get_current_runs(self.company_id)
        return binary_copy.read(
            self.env.cr,
            SQL(
                """
                SELECT score.customer_id, %s
                  FROM scp_value_score score
                  JOIN scp_customer customer ON customer.id = score.customer_id
                  JOIN res_partner partner ON partner.id = customer.partner_id AND partner.active
                 WHERE score.run_id = %s
                """,
                SQL(", ").join(SQL("COALESCE(score.%s, 0)::float8", SQL.identifier(name)) for name in FIGURES),
                run.id or 0,
            ),
            {'customer_id': 'i4', **dict.fromkeys(FIGURES, 'f8')},
        )

    def _prepare_profile_values(self, key, name):
        return {
            'name': name, 'kind': 'profile', 'parent_id': self.id, 'profile_key': key,
            'company_id': self.company_id.id,
        }

    def _get_profile_names(self, names):
        """:param names: of `engine.profiles.Profiles`
        :return: [(key, name)]; two profiles set apart by the same figures are numbered"""
        words = {
            ('monetary', 'high'): self.env._("large"),
            ('monetary', 'low'): self.env._("small"),
            ('purchase_count', 'high'): self.env._("frequent"),
            ('purchase_count', 'low'): self.env._("seldom"),
            ('recency_days', 'high'): self.env._("long silent"),
            ('recency_days', 'low'): self.env._("ordered lately"),
        }
        seen, result = {}, []
        for pairs in names:
            key = ",".join(f'{code}:{side}' for code, side in sorted(pairs))
            name = ", ".join(words[pair] for pair in pairs) or self.env._("in the middle")
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1:
                key, name = f'{key}#{seen[key]}', f"{name} {seen[key]}"
            result.append((key, name[0].upper() + name[1:]))
        return result

    def _get_too_few_message(self, count):
        if self.group_count:
            return self.env._(
                "%(segment)s: %(groups)s profiles need more different customers than the %(count)s that are scored. "
                "Ask for fewer, or for 0 to have the number chosen.",
                segment=self.name, groups=self.group_count, count=formatLang(self.env, count, digits=0),
            )
        return self.env._(
            "%(segment)s: %(count)s customers are scored, too few to tell profiles apart. It takes ten who differ.",
            segment=self.name, count=formatLang(self.env, count, digits=0),
        )
