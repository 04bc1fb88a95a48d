from odoo import models


class ScpScorecard(models.Model):
    """The card on paper, as evidence of the evaluation (ISO 9001:2015, 8.4.1)."""

    _inherit = 'scp.scorecard'

    def _get_report_base_filename(self):
        self.ensure_one()
        return f'Scorecard_{self.partner_id.name}_{self.date_to}_v{self.version}'.replace('/', '_').replace(' ', '_')

    def _prepare_record_values(self):
        """What the record shows: only what was frozen, and what has happened to the card since."""
        self.ensure_one()
        actions = dict(self._fields['order_action']._description_selection(self.env))
        versions = self._get_versions()
        return {
            'is_supplier': self.role == 'supplier',
            'partner': self.partner_id.display_name,
            'date_from': self.date_from,
            'date_to': self.date_to,
            'template': self.template_name,
            'version': self.version,
            'frozen_at': self.frozen_at,
            'frozen_by': self.frozen_by_id.name,
            'published_at': self.published_at,
            'responsible': self.user_id.name,
            'is_rated': self.is_rated,
            'score': f'{self.score:g}',
            'measured_score': f'{self.measured_score:g}',
            'standing': self.standing,
            'trend': dict(self._fields['trend']._description_selection(self.env)).get(self.trend),
            'previous': self.trend != 'none' and f'{self.previous_score:g}',
            'coverage': f'{self.coverage:g}',
            'min_coverage': f'{self.min_coverage:g}',
            'correction': self.correction,
            'lines': [self._prepare_record_line(line) for line in self.line_ids],
            'standings': [
                {'name': name, 'from': f'{min_score:g}', 'rfq': actions[rfq], 'order': actions[order],
                 'is_own': name == self.standing}
                for min_score, name, _tone, rfq, order in self.scale or ()
            ],
            'releases': [{
                'date': release.create_date,
                'who': release.user_name,
                'what': release.order_name or self.env._("all orders until %s", release.date_to),
                'reason': release.reason,
            } for release in self.env['scp.scorecard.override'].sudo().search(  # sudo: part of the record
                [('card_id', 'in', versions.ids)], order='id')],
            'disputes': [self._prepare_record_dispute(dispute) for dispute in self.env['scp.scorecard.dispute'].search(
                [('card_id', 'in', versions.ids)], order='id')],
        }

    def _prepare_record_line(self, line):
        Figure = self.env['scp.scorecard.figure']
        return {
            'name': line.label,
            'definition': line.definition_text,
            'note': line.note,
            'weight': f'{line.weight:g}',
            'floor': line.floor_text,
            'target': line.target_text,
            'value': line.value_text,
            'before': line.is_corrected and Figure._format(line.value_before, line.unit),
            'n': line.n,
            'points': f'{line.points:.1f}' if line.is_rated else self.env._("not rated"),
        }

    def _prepare_record_dispute(self, dispute):
        kinds = dict(dispute.entry_ids._fields['kind']._description_selection(self.env))
        return {
            'criterion': dispute.line_id.label,
            'state': dict(dispute._fields['state']._description_selection(self.env))[dispute.state],
            'entries': [{
                'date': entry.create_date, 'author': entry.author_name, 'label': kinds[entry.kind], 'text': entry.text,
            } for entry in dispute.entry_ids],
        }
