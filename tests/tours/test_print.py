"""A report on paper, through wkhtmltopdf."""

import io
import unicodedata

from pypdf import PdfReader

from odoo import Command
from odoo.tests import HttpCase, tagged


@tagged('post_install', '-at_install')
class TestPrint(HttpCase):

    def test_quotation_in_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        partner = self.env['res.partner'].create({'name': "中文客户", 'lang': 'zh_CN'})
        order = self.env['sale.order'].create({
            'partner_id': partner.id,
            'order_line': [Command.create({'name': "不锈钢球阀", 'display_type': 'line_section'})],
        })
        report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
        content, kind = report._render_qweb_pdf('sale.action_report_saleorder', order.ids)
        self.assertEqual(kind, 'pdf')
        text = ''.join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        text = unicodedata.normalize('NFKC', text)  # some characters come back as the radical that looks alike
        self.assertIn("中文客户", text)
        self.assertIn("不锈钢球阀", text)
