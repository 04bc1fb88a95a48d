from odoo import api, models


class IrModuleModule(models.Model):
    _inherit = 'ir.module.module'

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if 'crm_scp_supply' in modules:
            self.env['scp.delivery.metric']._translate_carrier_button(langs)
        return result
