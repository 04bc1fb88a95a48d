import base64
import json
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.epcis.steps import get_step_name


class ScpEpcisExport(models.TransientModel):
    """Write what happened to lots, in transfers or in a period, as an EPCIS 2.0 document."""

    _name = 'scp.epcis.export'
    _description = "Export EPCIS Events"

    lot_ids = fields.Many2many('stock.lot', string="Lots", readonly=True)
    picking_ids = fields.Many2many('stock.picking', string="Transfers", readonly=True)
    date_from = fields.Date(string="From", default=lambda self: fields.Date.context_today(self).replace(day=1))
    date_to = fields.Date(string="To", default=fields.Date.context_today)
    summary = fields.Char(string="Events", compute='_compute_summary')
    document = fields.Binary(attachment=False, readonly=True)
    file_name = fields.Char(readonly=True)

    # === COMPUTE === #

    @api.depends('lot_ids', 'picking_ids', 'date_from', 'date_to')
    def _compute_summary(self):
        for wizard in self:
            try:
                counts = Counter(event['bizStep'] for event in wizard._get_events())
            except UserError as error:
                # said again by the download: here the period can still be changed
                wizard.summary = str(error)
                continue
            wizard.summary = ", ".join(f'{get_step_name(step)}: {count}' for step, count in sorted(counts.items()))

    # === ACTIONS === #

    def action_download(self):
        self.ensure_one()
        events = self._get_events()
        if not events:
            raise UserError(self.env._(
                "%(name)s: no goods with a lot or serial number have moved.", name=self._get_title()))
        document = self.env['scp.epcis']._prepare_document(events)
        self.write({
            'document': base64.b64encode(json.dumps(document, ensure_ascii=False, indent=2).encode()),
            'file_name': f'epcis-{self._get_title()}.jsonld',
        })
        return {
            'type': 'ir.actions.act_url',
            'url': f'/web/content/{self._name}/{self.id}/document?download=true&filename_field=file_name',
            'target': 'download',
        }

    # === BUSINESS === #

    @api.model
    def _open(self, records):
        """The dialog for lots, or for transfers."""
        records.check_access('read')
        name = 'lot_ids' if records._name == 'stock.lot' else 'picking_ids'
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_epcis_export_action')
        return action | {'context': {f'default_{name}': records.ids}}

    def _get_events(self):
        """The events asked for, as far as this user may follow lots."""
        self.ensure_one()
        Epcis, Trace = self.env['scp.epcis'], self.env['scp.trace']
        Trace._check_trace_access(self.lot_ids)
        if self.lot_ids:
            return Epcis._get_lot_events(self.lot_ids)
        if self.picking_ids:
            self.picking_ids.check_access('read')
            return Epcis._get_picking_events(self.picking_ids)
        # a period is about everybody's goods
        self.env['stock.move.line'].check_access('read')
        if not self.date_from or not self.date_to:
            return []
        if self.date_from > self.date_to:
            raise UserError(self.env._("From: the period must not begin after it ends."))
        return Epcis._get_period_events(self.date_from, self.date_to)

    def _get_title(self):
        if records := self.lot_ids or self.picking_ids:
            return records[0].name.replace('/', '-')
        return f'{self.date_from} {self.date_to}'
