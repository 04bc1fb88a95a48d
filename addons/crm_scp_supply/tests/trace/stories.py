import random
from collections import defaultdict
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from odoo.tools import SQL

from .common import TraceCommon

SEED = 19
LOTS = 9


class Story:
    """One random genealogy: what happened, told twice.

    ``rows`` is what Odoo would have written; ``parents``, ``held`` and ``bought`` are what a reader of the story
    knows, kept without looking at the rows.
    """

    def __init__(self, rng, lots, customers, suppliers):
        self.rng, self.lots, self.customers, self.suppliers = rng, lots, customers, suppliers
        self.moves = []  # (kind, lot, quantity, partner, number of the run or None, side)
        self.made_of = defaultdict(set)
        self.held = defaultdict(float)
        self.bought = defaultdict(float)
        self.runs = count()
        for lot in lots[:4]:
            self.buy(lot)
        actions = [
            self.make, self.make, self.make, self.unbuild, self.repair, self.sell, self.sell, self.resell, self.direct,
            self.scrap, self.buy, self.return_to_supplier,
        ]
        for _step in range(rng.randint(10, 50)):
            rng.choice(actions)()

    def some(self, most=3):
        return self.rng.sample(self.lots, self.rng.randint(1, most))

    def qty(self):
        return self.rng.randint(1, 40) / 4

    def tell(self, kind, lot, qty, partner=None, run=None, side=None):
        self.moves.append((kind, lot, qty, partner, run, side))

    def buy(self, lot=None):
        lot, supplier, qty = lot or self.rng.choice(self.lots), self.rng.choice(self.suppliers), self.qty()
        self.tell('receipt', lot, qty, supplier)
        self.bought[lot, supplier] += qty

    def return_to_supplier(self):
        if self.bought:
            (lot, supplier), qty = self.rng.choice(sorted(self.bought)), self.qty()
            self.tell('send_back', lot, qty, supplier)
            self.bought[lot, supplier] -= qty

    def make(self):
        """Rework included: a lot may be used for itself."""
        used, made, run = self.some(), self.some(2), next(self.runs)
        for lot in used:
            self.tell('use', lot, self.qty(), run=run, side='used')
        for lot in made:
            self.tell('make', lot, self.qty(), run=run, side='made')
            self.made_of[lot] |= set(used)

    def unbuild(self):
        """The whole is used up, and its parts are what they were."""
        whole, run = self.rng.choice(self.lots), next(self.runs)
        self.tell('use', whole, self.qty(), run=run, side='used')
        for lot in sorted(self.made_of[whole])[:3]:
            self.tell('restore', lot, self.qty(), run=run, side='made')

    def repair(self):
        lot, run = self.rng.choice(self.lots), next(self.runs)
        for part in self.some(2):
            self.tell('use', part, 1, run=run, side='used')
            self.made_of[lot].add(part)
        for part in self.some(1):
            self.tell('make', part, 1, run=run, side='used')  # listed with what was used, but it came out
            self.made_of[part].add(lot)
        self.tell('inside', lot, 1, run=run, side='made')

    def sell(self, lot=None):
        lot, customer, qty = lot or self.rng.choice(self.lots), self.rng.choice(self.customers), self.qty()
        self.tell('delivery', lot, qty, customer)
        self.held[lot, customer] += qty

    def resell(self):
        if self.held:
            (lot, customer), share = self.rng.choice(sorted(self.held)), self.rng.choice((0.5, 1))
            qty = self.held[lot, customer] * share
            self.tell('return', lot, qty, customer)
            self.held[lot, customer] -= qty
            self.sell(lot)

    def direct(self):
        lot, qty = self.rng.choice(self.lots), self.qty()
        customer = self.rng.choice(self.customers)
        self.tell('direct', lot, qty, customer)
        self.held[lot, customer] += qty
        self.bought[lot, customer] += qty  # the transfer of this story names nobody else

    def scrap(self):
        self.tell('scrap', self.rng.choice(self.lots), self.qty())

    def get_origins(self, lot):
        """Everything in a lot, by following every path."""
        found, todo = {lot}, [lot]
        while todo:
            for part in self.made_of[todo.pop()]:
                if part not in found:
                    found.add(part)
                    todo.append(part)
        return found

    def get_holders(self, lot):
        return {key: qty for key, qty in self.held.items() if lot in self.get_origins(key[0])}

    def get_sources(self, lot):
        return {key: qty for key, qty in self.bought.items() if key[0] in self.get_origins(lot)}


class StoryCommon(TraceCommon):

    def _create_stories(self, number):
        """Random genealogies, told as Odoo would have written them, each with lots of its own."""
        rng = random.Random(SEED)
        partners = self.env['res.partner'].create([{'name': f"Partner {index}"} for index in range(6)]).ids
        lots = self.env['stock.lot'].create([
            {'product_id': self.pump.id, 'name': f"L{index}"} for index in range(LOTS * number)
        ]).ids
        stories = [
            Story(rng, lots[LOTS * index:LOTS * (index + 1)], partners[:4], partners[4:]) for index in range(number)
        ]
        self._write(stories)
        return stories

    @contextmanager
    def _as_written(self):
        """Repairs and unbuild orders are told apart here by the words of the stories, not by the fields of `mrp`."""
        trace = type(self.Trace)
        with (
            patch.object(trace, '_has_repairs', lambda self: True),
            patch.object(trace, '_get_unbuild_condition', lambda self, move='back': SQL(
                "%s = 'restore'", SQL.identifier(move, 'reference'))),
        ):
            yield

    def _write(self, stories):
        """The moves, their lines and what was used for what, past Odoo and as it would have left them."""
        places = {
            'receipt': (self.suppliers, self.stock), 'send_back': (self.stock, self.suppliers),
            'use': (self.stock, self.production), 'make': (self.production, self.stock),
            'restore': (self.production, self.stock),
            'inside': (self.stock, self.stock), 'delivery': (self.stock, self.customers),
            'return': (self.customers, self.stock), 'direct': (self.suppliers, self.customers),
            'scrap': (self.stock, self.scrapped),
        }
        ids = count(1 + self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM stock_move_line"))[0][0])
        moves, links = [], []
        for story in stories:
            runs = defaultdict(lambda: {'used': [], 'made': []})
            for kind, lot, qty, partner, run, side in story.moves:
                move_id = next(ids)
                source, destination = places[kind]
                moves.append((move_id, lot, qty, partner, source.id, destination.id, kind))
                if side:
                    runs[run][side].append(move_id)
            links += [(made, used) for run in runs.values() for made in run['made'] for used in run['used']]
        first = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM stock_move"))[0][0]
        values = SQL(", ").join(SQL("%s", row) for row in moves)
        self.env.cr.execute(SQL(
            """
            WITH told(id, lot_id, qty, partner_id, source_id, destination_id, kind) AS (VALUES %(values)s),
            moved AS (
                INSERT INTO stock_move (id, product_id, product_uom, product_uom_qty, product_qty, quantity, state,
                                        company_id, location_id, location_dest_id, procure_method, date, partner_id,
                                        reference)
                SELECT %(first)s + id, %(product)s, %(uom)s, qty, qty, qty, 'done', %(company)s, source_id,
                       destination_id, 'make_to_stock', now(), partner_id::int, kind
                  FROM told
            )
            INSERT INTO stock_move_line (id, move_id, lot_id, product_id, product_uom_id, quantity,
                                         quantity_product_uom, state, company_id, location_id, location_dest_id, date)
            SELECT id, %(first)s + id, lot_id, %(product)s, %(uom)s, qty, qty, 'done', %(company)s, source_id,
                   destination_id, now()
              FROM told
            """,
            values=values, first=first, product=self.pump.id, uom=self.unit.id, company=self.env.company.id,
        ))
        self.env.cr.execute(SQL(
            "INSERT INTO stock_move_line_consume_rel (consume_line_id, produce_line_id) VALUES %s",
            SQL(", ").join(SQL("%s", link) for link in links),
        ))
        # What was written in bulk is unknown to the planner, who would read whole tables for each step
        self.env.cr.execute(SQL("ANALYZE stock_move_line, stock_move, stock_move_line_consume_rel"))
        self.env.invalidate_all()
