import base64
import json
from contextlib import closing
from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.epcis import reading
from ...models.epcis.schema import find_errors

MAX_MB, MAX_EVENTS = 10, 5_000
MAX_ROWS = 50  # a preview, and names in a sentence


class ScpEpcisImport(models.TransientModel):
    """Read an EPCIS 2.0 document of a supplier or customer: shown first, then recorded whole or not at all."""

    _name = 'scp.epcis.import'
    _description = "Import EPCIS Events"

    data = fields.Binary(string="File", required=True, attachment=False)
    file_name = fields.Char()
    partner_id = fields.Many2one(
        'res.partner', string="Reported by", help="Whose document this is: it is shown beside every event.")
    is_read = fields.Boolean()
    new_count = fields.Integer(string="To Be Recorded", readonly=True)
    known_count = fields.Integer(string="Recorded Already", readonly=True)
    ours_count = fields.Integer(string="Told by Ourselves", readonly=True)
    line_ids = fields.One2many('scp.epcis.import.line', 'import_id', string="Events", readonly=True)
    unmatched_goods = fields.Text(string="Goods We Do Not Know", readonly=True)
    unmatched_parties = fields.Text(string="Companies We Do Not Know", readonly=True)

    @api.onchange('data')
    def _onchange_data(self):
        self.is_read = False

    # === ACTIONS === #

    def action_preview(self):
        """Show what would be recorded; nothing is."""
        self.ensure_one()
        document = self._read_document()
        Event = self._get_events()
        found = Event._sort_out(document)
        # what would be recorded is recorded, looked at and taken back: the preview cannot differ from the result
        with closing(self.env.cr.savepoint()):
            shown = self._prepare_preview(Event._record(document, self.partner_id))
        self.write({
            **shown, 'is_read': True, 'new_count': len(found['new']), 'known_count': len(found['known']),
            'ours_count': len(found['ours']),
        })
        return self._reopen()

    def action_record(self):
        self.ensure_one()
        events = self._get_events()._record(self._read_document(), self.partner_id)
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_epcis_event_action')
        return action | {'domain': [('id', 'in', events.ids)]}

    # === BUSINESS === #

    def _get_events(self):
        """The model to record with, for who may use this dialog."""
        if not self.env.su and not self.has_access('create'):
            raise AccessError(self.env._("You may not record events of others."))
        # sudo: events are records nobody may write; what is recorded is what the document says
        return self.env['scp.epcis.event'].sudo()

    def _read_document(self) -> dict[str, Any]:
        """The document in the file.

        :raise UserError: when it is none, with the place in it
        """
        data = base64.b64decode(self.data or b'')
        name = self.file_name or self.env._("The file")
        if len(data) > MAX_MB * 2**20:
            raise UserError(self.env._(
                "%(file)s is larger than %(size)s MB: ask for the events of a shorter period.", file=name, size=MAX_MB))
        try:
            document = json.loads(data.decode('utf-8-sig'))
        except UnicodeDecodeError as error:
            raise UserError(self.env._("%(file)s is not a text in UTF-8.", file=name)) from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(self.env._(
                "%(file)s is not JSON: %(error)s. Documents in XML are not read; ask for EPCIS 2.0 in JSON.",
                file=name, error=error)) from error
        self._check_size(document, name)
        if errors := find_errors(document):
            raise UserError(self.env._(
                "%(file)s is not a valid EPCIS 2.0 document. Nothing was recorded.\n\n%(errors)s", file=name,
                errors="\n".join(f'{path}: {text}' for path, text in errors)))
        self._check_events(document, name)
        return document

    def _check_size(self, document, name):
        """Refuse what one request cannot check, before it is checked."""
        try:
            count = len(reading.get_events(document))
        except (AttributeError, KeyError, TypeError):
            return  # no document: the schema says where
        if count > MAX_EVENTS:
            raise UserError(self.env._(
                "%(file)s has %(count)s events, more than %(max)s: ask for those of a shorter period.", file=name,
                count=count, max=MAX_EVENTS))

    def _check_events(self, document, name):
        """What the schema lets pass but nobody can record."""
        for index, event in enumerate(reading.get_events(document)):
            if event['type'] not in reading.TYPES:
                raise UserError(self.env._(
                    "%(file)s, event %(number)s: events of the type %(type)s are not read.", file=name,
                    number=index + 1, type=event['type']))
            try:
                reading.get_time(event)
            except (ValueError, OverflowError) as error:
                raise UserError(self.env._(
                    "%(file)s, event %(number)s: eventTime %(time)s is no moment.", file=name, number=index + 1,
                    time=event['eventTime'])) from error

    def _prepare_preview(self, events):
        items = events.line_ids.item_id.filtered(lambda item: item.kind in ('lot', 'serial') and not item.lot_id)
        return {
            'line_ids': [Command.clear(), *(Command.create(self._prepare_line(event)) for event in events[:MAX_ROWS])],
            'unmatched_goods': self._join(items.mapped('display_name')),
            'unmatched_parties': self._join(
                event[f'{side}_name'] for event in events for side in ('source', 'destination')
                if event[f'{side}_name'] and not event[f'{side}_id']),
        }

    def _prepare_line(self, event):
        return {
            'event_time': event.event_time, 'step': event._get_step_name(),
            'source': event.source_id.name or event.source_name,
            'destination': event.destination_id.name or event.destination_name,
            'goods': self._join(
                f'{item.display_name} ({item.lot_id.product_id.display_name or item.product_name or "?"})'
                for item in event.line_ids.item_id),
        }

    def _join(self, names):
        names = list(dict.fromkeys(names))
        more = self.env._(" and %(count)s more", count=len(names) - MAX_ROWS) if len(names) > MAX_ROWS else ""
        return ", ".join(names[:MAX_ROWS]) + more

    def _reopen(self):
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'views': [(False, 'form')],
            'target': 'new', 'name': self.env._("Import EPCIS Events"),
        }

