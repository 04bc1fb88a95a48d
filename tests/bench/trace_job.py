"""Traces timed in a worker."""
import random
import time
from statistics import mean, quantiles

METHODS = {'forward': '_get_customer_rows', 'backward': '_get_supplier_rows'}


def run(env, direction, level, rounds):
    """Trace random lots of a level of ``trace.sql``.

    :return: dict of ``p95`` in seconds, mean number of ``rows``, ``statements`` of one trace
    """
    from odoo import sql_db  # only importable in a worker, unlike this module

    trace = getattr(env['scp.trace'], METHODS[direction])
    lots = _sample(env, level, rounds)
    trace(lots[:1])  # plans and caches, as in a server that runs
    times, rows = [], []
    before = sql_db.sql_counter
    for lot in lots:
        start = time.perf_counter()
        rows.append(len(trace(lot)))
        times.append(time.perf_counter() - start)
    return {
        'p95': quantiles(times, n=20)[-1], 'rows': mean(rows), 'statements': (sql_db.sql_counter - before) / rounds,
    }


def run_odoo(env, rounds):
    """Odoo's own list of deliveries of a lot, and whether it knows customers that our trace does not.

    :return: dict of median ``seconds`` and number ``missing`` of customers
    """
    times, missing = [], 0
    for lot in _sample(env, 0, rounds):
        env.invalidate_all()
        start = time.perf_counter()
        partners = lot.partner_ids.commercial_partner_id
        times.append(time.perf_counter() - start)
        missing += len(set(partners.ids) - {row['partner_id'] for row in env['scp.trace']._get_customer_rows(lot)})
    return {'seconds': mean(times), 'missing': missing}


def recall(env, lots):
    """Start a recall of random bought lots and queue the notices, as the job does; rolled back.

    :return: dict of ``start`` and ``notices`` in seconds, ``customers``, ``lines``, ``mails``, and of ``statements`` a
        customer
    """
    from odoo import sql_db

    from odoo.addons.crm_scp_supply.models.recall.scp_recall_notice import BATCH

    record = env['scp.recall'].create({
        'name': "Benchmark", 'lot_ids': [(6, 0, _sample(env, 0, lots).ids)],
        'hazard': "None", 'action': "None", 'remedy': "None",
    })
    env.cr.execute("UPDATE res_partner SET email = 'p' || id || '@bench.example.com' WHERE email IS NULL")
    env.cr.flush()
    env.invalidate_all()
    before, begin = sql_db.sql_counter, time.perf_counter()
    record.action_start()
    env.cr.flush()
    found = time.perf_counter()
    due = record._get_due_customers()
    for first in range(0, len(due), BATCH):
        due[first:first + BATCH]._send_notice()
        env.cr.flush()
    result = {
        'start': found - begin, 'notices': time.perf_counter() - found,
        'customers': record.customer_count, 'lines': len(record.customer_ids.line_ids),
        'mails': env['mail.mail'].search_count([('model', '=', 'scp.recall.customer'), ('state', '=', 'outgoing')]),
        'statements': (sql_db.sql_counter - before) / max(record.customer_count, 1),
    }
    env.cr.rollback()
    return result


def run_withdrawal(env, rounds):
    """What rests on the certificate of who stands behind a supplier of ``trace.sql``, for some of the suppliers.

    :return: dict of ``p95`` in seconds, mean number of ``lots`` and ``customers``, ``statements`` of one list
    """
    from odoo import sql_db  # only importable in a worker, unlike this module

    env = env(su=True)  # sets up what several people would
    suppliers = env['purchase.order'].search([('name', '=like', 'T%')], order='id', limit=rounds).partner_id
    standard = env['scp.standard'].create({'code': "Benchmark", 'name': "Benchmark"})
    certificates = env['scp.certificate']
    for supplier in suppliers:
        source = env['res.partner'].create({'name': f"Behind {supplier.name}", 'is_company': True})
        relation = env['scp.relation'].create({'partner_id': supplier.id, 'role': 'supplier'})
        env['scp.relation'].create({
            'partner_id': source.id, 'role': 'supplier', 'upstream_relation_id': relation.id})
        certificates += certificates.create({
            'partner_id': source.id, 'standard_id': standard.id, 'number': "1", 'date_from': '2020-01-01'})
    certificates[:1]._get_affected()  # plans and caches, as in a server that runs
    times, found = [], []
    before = sql_db.sql_counter
    for certificate in certificates:
        start = time.perf_counter()
        found.append(certificate._get_affected())
        times.append(time.perf_counter() - start)
    return {
        'p95': quantiles(times, n=20)[-1], 'lots': mean(len(row.lots) for row in found),
        'customers': mean(len(row.customers) for row in found),
        'statements': (sql_db.sql_counter - before) / len(certificates),
    }


def _sample(env, level, size):
    """Random lots of a level: those of ``trace.sql`` lie level by level in the order of their numbers."""
    lots = env['stock.lot'].search([('name', '=like', 'T%')], order='id')
    a_level = len(lots) // 6 + 1
    ids = lots.ids[level * a_level:(level + 1) * a_level]
    return env['stock.lot'].browse(random.Random(19).sample(ids, size))
