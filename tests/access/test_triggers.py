"""What a change of one of Odoo's documents has to look after because of us."""
from odoo.tests import TransactionCase, tagged

DOCUMENTS = ('account.move', 'account.move.line', 'crm.lead', 'purchase.order', 'purchase.order.line', 'sale.order',
             'sale.order.line', 'stock.move', 'stock.picking')
SHARE = 0.1


@tagged('post_install', '-at_install')
class TestTriggers(TransactionCase):
    """Each change of a record walks the tree of all fields that depend on what changed, whether or not anybody reads
    them: a computed field of ours that names a total of invoices stands behind every field of every journal item.
    """

    def test_documents_look_after_little_for_us(self):
        for name in DOCUMENTS:
            with self.subTest(name):
                trees = [self.env.registry.get_field_trigger_tree(field) for field in self.env[name]._fields.values()]
                total = sum(sum(1 for _node in tree.depth_first()) for tree in trees)
                ours = sum(map(self._count_ours, trees))
                self.assertLessEqual(ours, SHARE * total, f"{ours} of {total} nodes lead to fields of ours alone")

    def _count_ours(self, tree):
        """How many nodes below the root of a tree are there for no field but ours."""
        count = 0
        for branch in tree.values():
            nodes = list(branch.depth_first())
            alone = all('scp' in str(field) for node in nodes for field in node.root)
            count += len(nodes) if alone else self._count_ours(branch)
        return count
