from odoo.tools import SQL

from ..value.common import ValueCommon


class AssetCommon(ValueCommon):
    """Customer days and scores as the jobs write them, without the orders behind them."""

    @classmethod
    def _add_customers(cls, *names, company=None, **values):
        """:return: the customers, by name"""
        hubs = cls.Customer.create([
            {'partner_id': partner.id, 'company_id': (company or cls.company).id, **values}
            for partner in cls._create_partners(*names)
        ])
        return {hub.partner_id.name: hub for hub in hubs}

    @classmethod
    def _add_days(cls, *days):
        """:param days: (customer, ISO day, orders, net sales)"""
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "INSERT INTO scp_value_fact (customer_id, company_id, day, order_count, amount) VALUES %s",
            SQL(", ").join(
                SQL("(%s, %s, %s, %s, %s)", hub.id, hub.company_id.id, day, orders, amount)
                for hub, day, orders, amount in days
            ),
        ))
        cls.env['scp.value.fact'].invalidate_model()

    @classmethod
    def _add_scoring(cls, day, scores, company=None, **values):
        """:param scores: (customer, grade, lifetime value or None), grades by their place, 0 the best
        :return: the finished run"""
        company = company or cls.company
        run = cls.Run.create({
            **cls.Run._prepare_run_values(company, day), 'state': 'done', 'customer_count': len(scores), **values,
        })
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "INSERT INTO scp_value_score (run_id, customer_id, company_id, date, grade_id, lifetime_value) VALUES %s",
            SQL(", ").join(
                SQL("(%s, %s, %s, %s, %s, %s)",
                    run.id, hub.id, company.id, day, None if grade is None else cls.grades[grade].id, worth)
                for hub, grade, worth in scores
            ),
        ))
        cls.Score.invalidate_model()
        return run

    def _open(self, cell, user=None):
        """:return: the records that a figure opens"""
        model = self.env[cell['model']].with_user(user or self.env.user).with_context(**cell['context'])
        return model.search(cell['domain'])

    def _get_names(self, cell, user=None):
        return sorted(self._open(cell, user).partner_id.mapped('name'))
