from odoo import api, fields, models


class ScpValueModelWeight(models.Model):
    """How much one figure counts in a version of the value model."""

    _name = 'scp.value.model.weight'
    _description = "Weight of a Value Model"
    _order = 'weight desc, id'
    _rec_name = 'component'
    _inherit = 'scp.value.model.line.mixin'

    component = fields.Selection(
        selection='_selection_component', string="Figure", required=True,
        help="Customers are compared by this figure: the best fifth has full points.",
    )
    weight = fields.Float(
        string="Weight (%)", required=True, digits=(5, 2), aggregator=None,
        help="Share of this figure in the value. Where a customer has no data for it, the others "
             "count in its place.",
    )

    _component_uniq = models.UniqueIndex(
        '(model_id, component)', "A figure counts once in a value model.",
    )
    _weight_range = models.Constraint(
        'CHECK (weight BETWEEN 0 AND 100)', "A weight lies between 0 and 100 %.",
    )

    # === SELECTION METHODS ===#

    @api.model
    def _selection_component(self):
        components = self.env['scp.value.model']._get_components()
        return [(code, component['label']) for code, component in components.items()]
