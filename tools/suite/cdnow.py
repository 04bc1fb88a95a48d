"""Loads the CDNOW purchase history as confirmed sales orders, and scores its customers.

CDNOW sold music over the Internet. The file holds every purchase, up to the middle of 1998, of the
customers who first bought in the first quarter of 1997 (Fader & Hardie, brucehardie.com/notes/026).
The data ship inside the `lifetimes` package on PyPI: they are taken from it when loading, the
package itself is neither installed nor imported.

Run as a program::

    python cdnow.py -c odoo.conf -d DATABASE [--full] [--recent]

A batch is committed as soon as it is complete, and every order carries its place in the file: a
load that was killed goes on where it was, and a second one adds nothing.
"""
import argparse
import subprocess
import sys
import time
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import NamedTuple

from suite import cdnow_accuracy, cdnow_recent
from suite.paths import CACHE
from suite.ui import Fail, say

COMPANY = "CDNOW"
CURRENCY = 'USD'
PACKAGE = 'lifetimes'
SAMPLE, MASTER = 'CDNOW_sample.txt', 'CDNOW_master.txt'

# Orders per transaction. Larger batches gain nothing any more; a kill loses at most this much.
BATCH_SIZE = 200

HALF_A_YEAR = timedelta(days=182)


class Purchase(NamedTuple):
    """One line of the file.

    :param customer: number in the master file, also where the line comes from the sample
    :param number: how many lines of this customer up to this one; with the customer it is the key,
        the same in both files
    :param day: the file gives no time
    :param cds: number of CDs
    :param value: US dollars
    """

    customer: str
    number: int
    day: date
    cds: int
    value: float

    @property
    def reference(self):
        return f'CDNOW/{self.customer}/{self.number}'


# ---- the file ----------------------------------------------------------------------------------

def parse(lines):
    """Read the master file (customer, day, CDs, value) or the sample (with a number of its own).

    :param lines: iterable of text
    :return: list of purchases, in the order of the file
    :raise ValueError: naming the line that cannot be read
    """
    purchases, counts = [], Counter()
    for position, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells or cells[0] == 'customer_id':
            continue
        try:
            customer, (day, cds, value) = cells[0], cells[-3:]
            if len(cells) not in (4, 5):
                raise ValueError
            counts[customer] += 1
            purchases.append(Purchase(
                customer, counts[customer], datetime.strptime(day, '%Y%m%d').date(), int(cds), float(value),
            ))
        except ValueError:
            raise ValueError(f"line {position} is no purchase: {line.strip()!r}") from None
    return purchases


def fetch(wheel_dir=None):
    """Download the package that holds the data, unless it is there already.

    :param wheel_dir: folder to look and to download into, by default in the user's cache
    :return: path of the archive
    :raise Fail: without network
    """
    folder = Path(wheel_dir or CACHE / 'downloads' / PACKAGE)
    folder.mkdir(parents=True, exist_ok=True)
    if not (found := sorted(folder.glob('[Ll]ifetimes-*.whl'))):
        result = subprocess.run(
            [sys.executable, '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--quiet',
             '--disable-pip-version-check', '--dest', str(folder), PACKAGE],
            capture_output=True, text=True,
        )
        found = sorted(folder.glob('[Ll]ifetimes-*.whl'))
        if result.returncode or not found:
            reason = (result.stderr.strip().splitlines() or ["no archive came"])[-1]
            raise Fail(
                f"the CDNOW data cannot be downloaded ({reason})",
                f"put the wheel of {PACKAGE} from PyPI into {folder}",
            )
    return found[-1]


def read(archive, full=False):
    """:return: the purchases in the archive: of the 1/10 sample, or of all customers"""
    name = MASTER if full else SAMPLE
    with zipfile.ZipFile(archive) as package:
        members = [member for member in package.namelist() if member.endswith(f'/{name}')]
        if not members:
            raise Fail(f"{archive} does not hold {name}", f"delete {archive} and repeat the command")
        return parse(package.read(members[0]).decode('ascii').splitlines())


# ---- into Odoo ---------------------------------------------------------------------------------

def load(env, full=False, wheel_dir=None, recent=False):
    """Load the purchases that are not there yet, score the customers, print figures and accuracy.

    :param env: environment of the superuser; its transaction is committed batch by batch
    :param full: the master file instead of the 1/10 sample
    :param recent: in a company of its own as if the history ended this week, with invoices; without the accuracy
    :return: the run that scored the customers
    """
    purchases = read(fetch(wheel_dir), full)
    if recent:
        purchases = cdnow_recent.shift(purchases, date.today())
    company = prepare_company(env, cdnow_recent.COMPANY if recent else COMPANY)
    env.cr.commit()
    # a running server learns of the company and of who may see it
    env.registry.signal_changes()
    started = time.monotonic()
    added = load_purchases(env, company, purchases, env.cr.commit)
    seconds = time.monotonic() - started
    if recent:
        cdnow_recent.bill(env, company, env.cr.commit)
    last_day = max(purchase.day for purchase in purchases)
    run = env['scp.value.run']._get_current_runs(company)
    if added or run.date_to != last_day:
        # as of earlier days first: the accuracy page compares their forecasts with what happened
        for day in (last_day - cdnow_accuracy.HOLDOUT, last_day - HALF_A_YEAR, last_day):
            run = score(env, company, day)
            env.cr.commit()
    print_figures(run, added, seconds)
    if recent:
        env['scp.sevenp']._cron_refresh()
    else:
        cdnow_accuracy.report(env, company)
    return run


def prepare_company(env, name=None):
    """Find or create the company, by default CDNOW, and let those who see all customers into it."""
    name = name or COMPANY
    company = env['res.company'].search([('name', '=', name)])
    if not company:
        currency = env['res.currency'].with_context(active_test=False).search([('name', '=', CURRENCY)])
        company = env['res.company'].create({'name': name, 'currency_id': currency.id})
        # days of the file are days of the company
        company.resource_calendar_id.tz = company.partner_id.tz = 'UTC'
    newcomers = env.ref('crm_scp_core.group_scp_manager').all_user_ids.filtered(
        lambda user: company not in user.company_ids,
    )
    newcomers.write({'company_ids': [(4, company.id)]})
    return company


def load_purchases(env, company, purchases, commit, batch_size=BATCH_SIZE):
    """Add the purchases that are not there yet, oldest first.

    :param commit: called after each batch
    :return: number of orders added
    """
    env = env(context=dict(
        env.context,
        allowed_company_ids=company.ids,
        tracking_disable=True,
        mail_create_nosubscribe=True,
        mail_auto_subscribe_no_notify=True,
        no_reset_password=True,
    ))
    known = {
        reference for [reference] in env['sale.order']._read_group(
            [('company_id', '=', company.id), ('client_order_ref', '!=', False)], ['client_order_ref'],
        )
    }
    missing = sorted(
        (purchase for purchase in purchases if purchase.reference not in known),
        key=lambda purchase: (purchase.day, purchase.reference),
    )
    if not missing:
        return 0
    partners = _add_partners(env, company, missing, commit)
    product = _find_or_add_product(env, company)
    progress = Progress(len(missing), done_before=len(purchases) - len(missing))
    for start in range(0, len(missing), batch_size):
        batch = missing[start:start + batch_size]
        _add_orders(env, company, product, partners, batch)
        commit()
        # nothing of a batch is needed again: keep memory flat
        env.invalidate_all()
        progress.advance(len(batch))
    progress.close()
    return len(missing)


def _add_partners(env, company, purchases, commit):
    """:return: {customer number: id of the contact}, with the missing ones created"""
    domain = [('company_id', '=', company.id), ('ref', '=like', 'CDNOW/%')]
    known = {
        reference.removeprefix('CDNOW/'): partner.id
        for reference, partner in env['res.partner'].with_context(active_test=False)._read_group(
            domain, ['ref', 'id'],
        )
    }
    missing = sorted({purchase.customer for purchase in purchases} - known.keys())
    for start in range(0, len(missing), 1000):
        numbers = missing[start:start + 1000]
        partners = env['res.partner'].create([
            {
                'name': f"{COMPANY} customer {number}",
                'ref': f'CDNOW/{number}',
                'company_id': company.id,
                'user_id': False,
            }
            for number in numbers
        ])
        known.update(zip(numbers, partners.ids, strict=True))
        commit()
        env.invalidate_all()
    return known


def _find_or_add_product(env, company):
    """One service product: nothing to deliver, whatever is installed."""
    return env['product.product'].search(
        [('company_id', '=', company.id), ('default_code', '=', 'CDNOW')], limit=1,
    ) or env['product.product'].create({
        'name': "CDs",
        'default_code': 'CDNOW',
        'company_id': company.id,
        'type': 'service',
        'list_price': 0,
        'taxes_id': [(5,)],
        'supplier_taxes_id': [(5,)],
    })


def _add_orders(env, company, product, partners, purchases):
    """Create and confirm orders, then put back the dates that confirming replaced by today's."""
    settled = _settle(env, company)
    orders = env['sale.order'].create([
        _prepare_order(company, product, partners[purchase.customer], purchase) | settled
        for purchase in purchases
    ])
    orders.action_confirm()
    days = {purchase.reference: purchase.day for purchase in purchases}
    for day, of_day in orders.grouped(lambda order: days[order.client_order_ref]).items():
        of_day.date_order = _moment(day)
    env.flush_all()


def _prepare_order(company, product, partner_id, purchase):
    """One line of quantity 1: a unit price of value / CDs would not add up to the cent."""
    return {
        'name': purchase.reference,
        'client_order_ref': purchase.reference,
        'company_id': company.id,
        'partner_id': partner_id,
        'partner_invoice_id': partner_id,
        'partner_shipping_id': partner_id,
        'date_order': _moment(purchase.day),
        'order_line': [(0, 0, {
            'product_id': product.id,
            'name': f"{purchase.cds} CDs",
            'product_uom_qty': 1,
            'price_unit': purchase.value,
            'discount': 0,
            'tax_ids': [(5,)],
            'analytic_distribution': False,
        })],
    }


def _settle(env, company):
    """Say once what Odoo would look up for every order, in as many statements as there are fields.

    :return: values of a sales order, of the addons that are installed
    """
    values = {
        'pricelist_id': False,
        'payment_term_id': False,
        'fiscal_position_id': False,
        'user_id': False,
        'team_id': False,
        'campaign_id': False,
        'medium_id': False,
        'source_id': False,
        'sale_order_template_id': False,
        'quotation_document_ids': [(5,)],
    }
    if 'stock.warehouse' in env:
        values['warehouse_id'] = env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1).id
    return {name: value for name, value in values.items() if name in env['sale.order']._fields}


def _moment(day):
    """Noon, UTC: the same day for whoever looks at it, from -11 to +11 hours."""
    return datetime.combine(day, clock(12))


def score(env, company, last_day):
    """Refresh the customers of the company and score them as of the day of the last purchase."""
    partners = env['res.partner'].search([('company_id', '=', company.id), ('ref', '=like', 'CDNOW/%')])
    env['scp.customer']._refresh_for_partners(partners)
    return env['scp.value.run']._score(company, date_to=last_day)


def print_figures(run, added, seconds):
    if run.state != 'done':
        raise Fail(f"the customers were not scored: {run.error}", "mend the cause and repeat the command")
    say(f"customers            {run.customer_count:>12,}")
    say(f"purchases            {run.order_count:>12,}   on {run.purchase_count:,} customer days")
    say(f"revenue              {run.revenue:>12,.2f} {run.currency_id.name}")
    say(f"share of the top 20 %{run.top_share:>12.1%}")
    say("grades               " + ", ".join(f"{name} {count:,}" for name, count in run.grade_counts.items()))
    if added:
        say(f"rows per second      {added / seconds:>12,.0f}   {added:,} orders in {seconds:,.0f} s")
    else:
        say("nothing to add: every purchase was there already")
    say(f"scoring              {run.duration:>12.1f} s")


class Progress:
    """A bar on a terminal, a line every tenth elsewhere."""

    def __init__(self, total, done_before=0, stream=sys.stdout):
        self.total, self.done, self.tenth = total, 0, 0
        self.stream, self.tty = stream, stream.isatty()
        self.started = time.monotonic()
        if done_before:
            say(f"{done_before:,} purchases are there already, {total:,} to go")

    def advance(self, count):
        self.done += count
        rate = self.done / (time.monotonic() - self.started)
        left = (self.total - self.done) / rate
        text = f"{self.done:,} of {self.total:,} orders, {rate:,.0f} a second, {left:,.0f} s left"
        if self.tty:
            filled = 30 * self.done // self.total
            self.stream.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {text}   ")
            self.stream.flush()
        elif 10 * self.done // self.total > self.tenth:
            self.tenth = 10 * self.done // self.total
            say(text)

    def close(self):
        if self.tty:
            self.stream.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('-c', '--config', help="Odoo's configuration file")
    parser.add_argument('-d', '--database', required=True)
    parser.add_argument('--full', action='store_true', help="the master file of 23,570 customers")
    parser.add_argument(
        '--recent', action='store_true', help="as if the history ended this week, with invoices that are paid")
    parser.add_argument('--wheel-dir', help="where the package with the data is, or shall be put")
    args = parser.parse_args()

    # a program's own folder comes first in the path, and this one holds another `odoo`
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    import odoo
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(
        [*(['-c', args.config] if args.config else []), '-d', args.database, '--no-http', '--log-level=warn'],
        setup_logging=True,
    )
    try:
        registry = Registry(args.database)
        if 'scp.value.run' not in registry:
            raise Fail(f"crm_scp_analytics is not installed in {args.database}", "install it there first")
        with registry.cursor() as cr:
            load(odoo.api.Environment(cr, odoo.SUPERUSER_ID, {}), args.full, args.wheel_dir, args.recent)
    except Fail as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nstopped; the next load goes on from here")
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
