from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

MONTHS_BACK = 6
# Days before the end of the month on which people submit
DAYS_BEFORE_END = (91, 31, 8)
# Who promises how much of what his pipeline is worth by its probabilities, on each of those days
TEMPERS = {
    'scp_sales': (1.30, 1.15, 1.05),  # hopeful
    'scp_leader': (0.70, 0.80, 0.95),  # careful
    'scp_sales_asia': (1.60, 1.35, 1.10),  # very hopeful, and adjusted for it
}
ADJUSTED = {'scp_sales_asia': ('scp_manager', 0.75, "Two of these tenders always slip a month.")}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_submissions(self):
        """Submit forecasts of the last months and the running one, each on its day."""
        this_month = fields.Date.today().replace(day=1)
        steps = []
        for number in range(-MONTHS_BACK, 1):
            month = this_month + relativedelta(months=number)
            last = month + relativedelta(months=1, days=-1)
            for name, shares in TEMPERS.items():
                for days, share in zip(DAYS_BEFORE_END, shares, strict=True):
                    days_ago = (fields.Date.today() - last + timedelta(days=days)).days
                    if days_ago > 0:
                        steps.append((days_ago, name, month, share))
        for days_ago, name, month, share in sorted(steps, reverse=True):
            with self._at(self._moment(days_ago, hour=16)):
                self._submit(name, month, share)

    def _submit(self, name, month, share):
        user = self._ref(f'user_{name}')
        Submission = self.env['scp.forecast.submission']
        line = self.env['scp.forecast']._get_frozen_figures(
            self.env.ref('base.main_company'), user, month)['user_line']
        if not line:
            return  # nothing to promise yet
        values = {
            'user_id': user.id, 'month': month, 'company_id': self.env.ref('base.main_company').id,
            'amount': round(line * share, -3),
        }
        Submission.with_user(user).create(values)
        if name in ADJUSTED:
            manager, factor, reason = ADJUSTED[name]
            Submission.with_user(self._ref(f'user_{manager}')).create({
                **values, 'amount': round(values['amount'] * factor, -3), 'reason': reason,
            })
