"""Fields of the suite."""
from odoo import fields
from odoo.tools import sql


class LooseMany2one(fields.Many2one):
    """A link without foreign key, of derived rows that are written by the hundred thousand.

    Each key would cost a look-up for every row written, and hold a lock on what it names until the end of the
    transaction: with millions of rows more than everything else together. The model that has such links says who
    removes or empties them when what they name goes.
    """

    def update_db_foreign_key(self, model, column):
        """None, and none of a time when the link was not loose yet."""
        cr, table = model.env.cr, model.env[self.comodel_name]._table
        for name in sql.get_foreign_keys(cr, model._table, self.name, table, 'id', self.ondelete or 'set null'):
            sql.drop_constraint(cr, model._table, name)
