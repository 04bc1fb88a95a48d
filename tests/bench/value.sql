-- Customers with orders, posted invoices and credit notes, for a database with the suite.
--
-- Parameters (psycopg2): customers, orders, lines (per order). In four customers one has a contact, who places every
-- third of his orders. Nine orders of ten are invoiced, with an invoice each; 3 %% of the orders are credited, half of
-- their lines. Customers differ in size, in when they came and in how long they stayed; a few order often.
-- Deterministic but for the date of the day. Rows are inserted past Odoo: as it would have left them, no more than
-- what the value of a customer is made of. Percent signs are doubled for psycopg2.

SELECT setseed(0.19);

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

-- Indexes are built at once at the end, those of constraints apart.
CREATE TEMP TABLE value_index ON COMMIT DROP AS
SELECT indexname, indexdef
  FROM pg_indexes
 WHERE schemaname = 'public'
   AND tablename IN ('sale_order', 'sale_order_line', 'account_move', 'account_move_line')
   AND indexname NOT IN (SELECT conname FROM pg_constraint);
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT indexname FROM value_index LOOP
        EXECUTE 'DROP INDEX ' || quote_ident(name);
    END LOOP;
END $$;

CREATE TEMP TABLE value_base ON COMMIT DROP AS
SELECT (SELECT COALESCE(max(id), 0) FROM res_partner) AS partner,
       (SELECT COALESCE(max(id), 0) FROM sale_order) AS sale,
       (SELECT COALESCE(max(id), 0) FROM sale_order_line) AS sale_line,
       (SELECT COALESCE(max(id), 0) FROM account_move) AS move,
       (SELECT COALESCE(max(id), 0) FROM account_move_line) AS move_line,
       company.id AS company_id,
       company.currency_id,
       warehouse.id AS warehouse_id,
       (SELECT id FROM account_journal WHERE type = 'sale' AND company_id = company.id ORDER BY id LIMIT 1) AS journal_id,
       (SELECT id FROM account_account WHERE account_type = 'asset_receivable' ORDER BY id LIMIT 1) AS receivable_id,
       (SELECT id FROM account_account WHERE account_type = 'income' ORDER BY id LIMIT 1) AS income_id,
       product.id AS product_id,
       template.uom_id
  FROM (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company
  JOIN stock_warehouse warehouse ON warehouse.company_id = company.id
 CROSS JOIN product_product product
  JOIN product_template template ON template.id = product.product_tmpl_id AND template.sale_ok
 ORDER BY warehouse.id, product.id
 LIMIT 1;

CREATE TEMP TABLE value_customer ON COMMIT DROP AS
SELECT i,
       base.partner + i AS id,
       CASE WHEN mod(i, 4) = 0 THEN base.partner + %(customers)s + i / 4 END AS contact_id,
       exp(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS size,
       1095 * random() AS came_days_ago,
       random() AS stayed
  FROM value_base base, generate_series(1, %(customers)s) i;
CREATE UNIQUE INDEX ON value_customer (i);
ANALYZE value_base, value_customer;

INSERT INTO res_partner (
    id, name, complete_name, parent_id, commercial_partner_id, is_company, type, active, lang, customer_rank,
    partner_share, autopost_bills, group_rfq, group_on, color, create_uid, write_uid, create_date, write_date)
SELECT p.id, p.name, p.name, p.parent_id, COALESCE(p.parent_id, p.id), p.parent_id IS NULL, 'contact', true, 'en_US', 1,
       true, 'ask', 'default', 'default', 0, 1, 1, now(), now()
  FROM (SELECT id, 'Customer ' || lpad(i::text, 6, '0') AS name, NULL::integer AS parent_id FROM value_customer
         UNION ALL
        SELECT contact_id, 'Contact ' || lpad(i::text, 6, '0'), id FROM value_customer WHERE contact_id IS NOT NULL) p;

CREATE TEMP TABLE value_order ON COMMIT DROP AS
SELECT o.i,
       base.sale + o.i AS id,
       base.move + o.i AS move_id,
       CASE WHEN mod(o.i, 3) = 0 THEN COALESCE(p.contact_id, p.id) ELSE p.id END AS partner_id,
       p.id AS commercial_id,
       p.size,
       date_trunc('second', now() - p.came_days_ago * (1 - o.moment * p.stayed) * interval '1 day')::timestamp AS date,
       mod(o.i, 10) != 0 AS invoiced,
       mod(o.i, 100) IN (11, 42, 73) AS credited
  FROM value_base base,
       (SELECT i, 1 + floor(power(random(), 2) * %(customers)s)::int AS customer, random() AS moment
          FROM generate_series(1, %(orders)s) i) o
  JOIN value_customer p ON p.i = o.customer;
ANALYZE value_order;

INSERT INTO sale_order_line (
    id, order_id, sequence, company_id, currency_id, order_partner_id, product_id, product_uom_id, state,
    qty_delivered_method, invoice_status, name, product_uom_qty, price_unit, technical_price_unit, discount,
    price_subtotal, price_tax, price_total, price_reduce_taxexcl, price_reduce_taxinc, purchase_price, margin, margin_percent,
    qty_delivered, qty_invoiced, qty_to_invoice, untaxed_amount_invoiced, untaxed_amount_to_invoice,
    customer_lead, warehouse_id, create_uid, write_uid, create_date, write_date)
SELECT base.sale_line + (o.i - 1) * %(lines)s + k, o.id, 10 * k, base.company_id, base.currency_id, o.partner_id,
       base.product_id, base.uom_id, 'sale', 'manual', CASE WHEN o.invoiced THEN 'invoiced' ELSE 'to invoice' END,
       'Line ' || k, q.quantity, q.price, q.price, q.discount, q.amount, 0, q.amount, q.price, q.price, q.cost,
       q.amount - q.quantity * q.cost, 0, q.quantity, CASE WHEN o.invoiced THEN q.quantity ELSE 0 END,
       CASE WHEN o.invoiced THEN 0 ELSE q.quantity END,
       CASE WHEN o.invoiced AND NOT (o.credited AND k <= %(lines)s / 2) THEN q.amount ELSE 0 END, 0,
       0, base.warehouse_id, 1, 1, o.date, o.date
  FROM value_base base, value_order o, generate_series(1, %(lines)s) k
 CROSS JOIN LATERAL (
       SELECT *, round(quantity * price * (100 - discount) / 100, 2) AS amount
         FROM (SELECT 1 + mod(o.i * 7 + k * 3, 5)::numeric AS quantity,
                      round((5 + 20 * o.size * power(random(), 3))::numeric, 2) AS price,
                      CASE WHEN mod(o.i + k, 20) = 0 THEN 10 ELSE 0 END::numeric AS discount,
                      round((4 * random())::numeric, 2) AS cost) drawn) q;

CREATE TEMP TABLE value_total ON COMMIT DROP AS
SELECT order_id, sum(price_subtotal) AS amount, sum(margin)::numeric AS margin,
       sum(price_subtotal) FILTER (WHERE sequence <= 10 * (%(lines)s / 2)) AS credited
  FROM sale_order_line, value_base base
 WHERE id > base.sale_line
 GROUP BY order_id;
ANALYZE value_total;

INSERT INTO sale_order (
    id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, currency_id, currency_rate,
    state, invoice_status, date_order, picking_policy, warehouse_id, locked,
    amount_untaxed, amount_tax, amount_total, margin, margin_percent, create_uid, write_uid, create_date, write_date)
SELECT o.id, 'W' || lpad(o.i::text, 7, '0'), base.company_id, o.partner_id, o.commercial_id, o.partner_id, base.currency_id, 1,
       'sale', CASE WHEN o.invoiced THEN 'invoiced' ELSE 'to invoice' END, o.date, 'direct', base.warehouse_id, false,
       total.amount, 0, total.amount, total.margin, 0, 1, 1, o.date, o.date
  FROM value_base base, value_order o
  JOIN value_total total ON total.order_id = o.id;

-- The invoice of an order is dated a week after it, its credit note a month.
CREATE TEMP TABLE value_move ON COMMIT DROP AS
SELECT o.i, o.move_id AS id, 'out_invoice' AS move_type, o.id AS order_id, o.commercial_id,
       o.date::date + 7 AS date, total.amount, 1 AS sign, %(lines)s AS lines
  FROM value_order o
  JOIN value_total total ON total.order_id = o.id
 WHERE o.invoiced
 UNION ALL
SELECT o.i, o.move_id + %(orders)s, 'out_refund', o.id, o.commercial_id,
       o.date::date + 30, total.credited, -1, %(lines)s / 2
  FROM value_order o
  JOIN value_total total ON total.order_id = o.id
 WHERE o.credited AND o.invoiced;
ANALYZE value_move;

INSERT INTO account_move (
    id, name, state, move_type, auto_post, date, invoice_date, invoice_date_due, journal_id, company_id, currency_id,
    partner_id, commercial_partner_id, payment_state, amount_untaxed, amount_tax, amount_total, amount_residual,
    amount_untaxed_signed, amount_total_signed, amount_residual_signed, posted_before,
    create_uid, write_uid, create_date, write_date)
SELECT m.id, 'W/' || m.id, 'posted', m.move_type, 'no', m.date, m.date, m.date, base.journal_id, base.company_id,
       base.currency_id, m.commercial_id, m.commercial_id, 'paid', m.amount, 0, m.amount, 0,
       m.sign * m.amount, m.sign * m.amount, 0, true, 1, 1, m.date, m.date
  FROM value_base base, value_move m;

-- Ids leave room for an invoice and a credit note of every order.
INSERT INTO account_move_line (
    id, move_id, move_name, parent_state, date, journal_id, company_id, company_currency_id, currency_id, partner_id,
    account_id, display_type, product_id, product_uom_id, name, quantity, price_unit, discount, price_subtotal, price_total,
    balance, amount_currency, debit, credit, amount_residual, reconciled, sequence,
    create_uid, write_uid, create_date, write_date)
SELECT base.move_line + (m.id - base.move) * (%(lines)s + 1) + line.sequence / 10, m.id, 'W/' || m.id, 'posted', m.date,
       base.journal_id, base.company_id, base.currency_id, base.currency_id, m.commercial_id,
       base.income_id, 'product', base.product_id, base.uom_id, line.name, line.product_uom_qty, line.price_unit,
       line.discount, line.price_subtotal, line.price_subtotal, -m.sign * line.price_subtotal,
       -m.sign * line.price_subtotal, CASE WHEN m.sign < 0 THEN line.price_subtotal ELSE 0 END,
       CASE WHEN m.sign > 0 THEN line.price_subtotal ELSE 0 END, 0, false, line.sequence, 1, 1, m.date, m.date
  FROM value_base base, value_move m
  JOIN sale_order_line line ON line.order_id = m.order_id AND line.sequence <= 10 * m.lines
 UNION ALL
SELECT base.move_line + (m.id - base.move) * (%(lines)s + 1), m.id, 'W/' || m.id, 'posted', m.date,
       base.journal_id, base.company_id, base.currency_id, base.currency_id, m.commercial_id,
       base.receivable_id, 'payment_term', NULL, NULL, NULL, 1, 0, 0, 0, 0, m.sign * m.amount, m.sign * m.amount,
       CASE WHEN m.sign > 0 THEN m.amount ELSE 0 END, CASE WHEN m.sign < 0 THEN m.amount ELSE 0 END, 0, true, 0,
       1, 1, m.date, m.date
  FROM value_base base, value_move m;

INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id)
SELECT base.move_line + (m.id - base.move) * (%(lines)s + 1) + line.sequence / 10, line.id
  FROM value_base base, value_move m
  JOIN sale_order_line line ON line.order_id = m.order_id AND line.sequence <= 10 * m.lines;

DO $$
DECLARE definition text;
BEGIN
    FOR definition IN SELECT indexdef FROM value_index LOOP
        EXECUTE definition;
    END LOOP;
END $$;

SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner)),
       setval('sale_order_id_seq', (SELECT max(id) FROM sale_order)),
       setval('sale_order_line_id_seq', (SELECT max(id) FROM sale_order_line)),
       setval('account_move_id_seq', (SELECT max(id) FROM account_move)),
       setval('account_move_line_id_seq', (SELECT max(id) FROM account_move_line));
