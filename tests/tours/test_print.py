"""A report on paper, through wkhtmltopdf."""

import io
import unicodedata

from pypdf import PdfReader

from odoo import Command
from odoo.tests import HttpCase, tagged


@tagged('post_install', '-at_install')
class TestPrint(HttpCase):

    def _print(self, report, record):
        """Return the text of the PDF file."""
        Report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
        content, kind = Report._render_qweb_pdf(report, record.ids)
        self.assertEqual(kind, 'pdf')
        text = ''.join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        return unicodedata.normalize('NFKC', text)  # some characters come back as the radical that looks alike

    def test_quotation_in_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        partner = self.env['res.partner'].create({'name': "中文客户", 'lang': 'zh_CN'})
        order = self.env['sale.order'].create({
            'partner_id': partner.id,
            'order_line': [Command.create({'name': "不锈钢球阀", 'display_type': 'line_section'})],
        })
        text = self._print('sale.action_report_saleorder', order)
        self.assertIn("中文客户", text)
        self.assertIn("不锈钢球阀", text)

    def test_8d_report(self):
        # Latin letters of web fonts may be drawn as outlines, which cannot be read back
        complaint = self.env['scp.complaint'].create({
            'name': "阀门漏水", 'd2': "<p>法兰处</p>",
            'action_ids': [Command.create({'name': "按图纸订购", 'kind': 'corrective'})],
        })
        text = self._print('crm_scp_core.action_report_scp_complaint_8d', complaint)
        for part in ("阀门漏水", "法兰处", "按图纸订购"):
            self.assertIn(part, text)

    def test_scorecard(self):
        card = self.env.ref('crm_scp_supply.scp_scorecard_weihai')
        text = self._print('crm_scp_supply.action_report_scp_scorecard', card)
        self.assertIn("威海精密铸造", text)
        self.assertIn("我们的工程师", text, "What the partner said in the dispute")
