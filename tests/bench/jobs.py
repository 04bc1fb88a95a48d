"""Scheduled jobs of the suite, run from a worker."""
import time

SUITE = 'crm_scp_%'


def names(env):
    """External ids of the suite's scheduled jobs in the order of their creation: core first."""
    records = env['ir.model.data'].search([('model', '=', 'ir.cron'), ('module', '=like', SUITE)], order='id')
    return [record.complete_name for record in records]


def run_job(env, job):
    """Run a scheduled job as the scheduler would, again and again until it has nothing left to do.

    :param job: external id
    :return: dict of ``seconds``, ``queries``
    """
    from odoo import sql_db  # only importable in a worker, unlike this module

    job = env.ref(job)
    queries = sql_db.sql_counter
    start = time.perf_counter()
    moving = True
    while moving:
        job.method_direct_trigger()
        env.cr.commit()  # to see what the job committed
        progress = env['ir.cron.progress'].search([('cron_id', '=', job.id)], order='id desc', limit=1)
        moving = progress.remaining and progress.done
    return {'seconds': time.perf_counter() - start, 'queries': sql_db.sql_counter - queries}
