-- Volume data for a database with crm, sale_margin, sale_stock and purchase_stock.
--
-- Parameters (psycopg2): partners, orders, lines (per order), leads, purchases.
-- Deterministic but for the date of the day. Rows are inserted past Odoo: as it would have left them,
-- no more than what lists, scores and ledgers read. Percent signs are doubled for psycopg2.

SELECT setseed(0.19);

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

CREATE TEMP TABLE volume_base ON COMMIT DROP AS
SELECT (SELECT max(id) FROM res_partner) AS partner,
       (SELECT max(id) FROM sale_order) AS sale,
       (SELECT max(id) FROM sale_order_line) AS sale_line,
       (SELECT max(id) FROM crm_lead) AS lead,
       (SELECT max(id) FROM purchase_order) AS purchase,
       (SELECT max(id) FROM purchase_order_line) AS purchase_line,
       company.id AS company_id,
       company.currency_id,
       warehouse.id AS warehouse_id,
       warehouse.in_type_id,
       (SELECT id FROM crm_team WHERE active ORDER BY id LIMIT 1) AS team_id,
       (SELECT array_agg(id ORDER BY id) FROM res_users WHERE active AND NOT share AND company_id = company.id) AS users,
       (SELECT array_agg(id ORDER BY id) FROM res_country WHERE code IN ('BE', 'CN', 'DE', 'FR', 'TW', 'US')) AS countries,
       (SELECT array_agg(id ORDER BY sequence, id) FROM crm_stage WHERE NOT COALESCE(is_won, false)) AS open_stages,
       (SELECT id FROM crm_stage WHERE is_won ORDER BY sequence, id LIMIT 1) AS won_stage
  FROM (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company
  JOIN stock_warehouse warehouse ON warehouse.company_id = company.id
 ORDER BY warehouse.id
 LIMIT 1;

CREATE TEMP TABLE volume_product ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY product.id) - 1 AS rank, product.id, template.uom_id
  FROM product_product product
  JOIN product_template template ON template.id = product.product_tmpl_id
 WHERE product.active AND template.type = 'consu' AND template.sale_ok
 LIMIT 40;

-- Customers differ in size, in when they came and in how long they stayed: what a value score has
-- to tell apart. In five partners there are a company, a contact of it and three private persons.
CREATE TEMP TABLE volume_partner ON COMMIT DROP AS
SELECT i,
       base.partner + i AS id,
       CASE WHEN mod(i, 5) = 2 THEN base.partner + i - 1 END AS parent_id,
       mod(i, 5) = 1 AS is_company,
       CASE mod(i, 5) WHEN 1 THEN 'Company ' WHEN 2 THEN 'Contact ' ELSE 'Person ' END || lpad(i::text, 6, '0') AS name,
       exp(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS size,
       1095 * random() AS came_days_ago,
       random() AS stayed
  FROM volume_base base, generate_series(1, %(partners)s) i;
CREATE UNIQUE INDEX ON volume_partner (i);
ANALYZE volume_base, volume_product, volume_partner;

INSERT INTO res_partner (
    id, name, complete_name, parent_id, commercial_partner_id, commercial_company_name, is_company, type, active, lang,
    email, email_normalized, phone, phone_sanitized, city, zip, country_id, customer_rank, supplier_rank, partner_share,
    autopost_bills, group_rfq, group_on, color, user_id, create_uid, write_uid, create_date, write_date)
SELECT p.id, p.name, COALESCE(parent.name || ', ', '') || p.name, p.parent_id, COALESCE(p.parent_id, p.id),
       CASE WHEN p.is_company THEN p.name ELSE parent.name END, p.is_company, 'contact', true, 'en_US',
       'p' || p.i || '@volume.example.com', 'p' || p.i || '@volume.example.com',
       '+3247' || lpad(p.i::text, 7, '0'), '+3247' || lpad(p.i::text, 7, '0'), 'City ' || mod(p.i, 800),
       lpad(mod(p.i, 9999)::text, 4, '0'), base.countries[1 + mod(p.i, array_length(base.countries, 1))],
       1, (mod(p.i, 100) = 1)::int, true, 'ask', 'default', 'default', 0,
       CASE WHEN mod(p.i, 3) = 0 THEN base.users[1 + mod(p.i, array_length(base.users, 1))] END,
       1, 1, now() - p.came_days_ago * interval '1 day', now()
  FROM volume_base base, volume_partner p
  LEFT JOIN volume_partner parent ON parent.id = p.parent_id;

CREATE TEMP TABLE volume_order ON COMMIT DROP AS
SELECT o.i, base.sale + o.i AS id, p.id AS partner_id, p.size, o.state,
       date_trunc('second', now() - p.came_days_ago * (1 - o.moment * p.stayed) * interval '1 day')::timestamp AS date,
       base.users[1 + mod(o.i, array_length(base.users, 1))] AS user_id,
       CASE WHEN o.state = 'sale' THEN 'invoiced' ELSE 'no' END AS invoice_status
  FROM volume_base base,
       (SELECT i, (ARRAY['sale', 'sale', 'sale', 'sale', 'sale', 'sale', 'draft', 'sent', 'cancel', 'sale'])[1 + mod(i, 10)] AS state,
               -- a few customers order often, most of them rarely
               1 + floor(power(random(), 2.5) * %(partners)s)::int AS partner, random() AS moment
          FROM generate_series(1, %(orders)s) i) o
  JOIN volume_partner p ON p.i = o.partner;

CREATE TEMP TABLE volume_line ON COMMIT DROP AS
SELECT o.i AS order_i, k, q.quantity, q.price, q.cost, round(q.quantity * q.price, 2) AS amount,
       CASE WHEN o.state = 'sale' THEN q.quantity ELSE 0 END AS done
  FROM volume_order o, generate_series(1, %(lines)s) k
 CROSS JOIN LATERAL (
       SELECT 1 + mod(o.i * 7 + k * 3, 5)::numeric AS quantity,
              round((5 + 20 * o.size * power(random(), 3))::numeric, 2) AS price,
              round((4 * random())::numeric, 2) AS cost) q;
ANALYZE volume_order, volume_line;

INSERT INTO sale_order (
    id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, currency_id, currency_rate, user_id, team_id,
    state, invoice_status, date_order, picking_policy, warehouse_id, delivery_status, locked, client_order_ref,
    amount_untaxed, amount_tax, amount_total, margin, margin_percent, create_uid, write_uid, create_date, write_date)
SELECT o.id, 'V' || lpad(o.i::text, 7, '0'), base.company_id, o.partner_id, o.partner_id, o.partner_id, base.currency_id, 1,
       o.user_id, base.team_id, o.state, o.invoice_status, o.date, 'direct', base.warehouse_id,
       CASE WHEN o.state = 'sale' THEN 'full' END, false, 'volume',
       total.amount, 0, total.amount, total.margin, total.margin / total.amount, 1, 1, o.date, o.date
  FROM volume_base base, volume_order o
  JOIN (SELECT order_i, sum(amount) AS amount, sum(amount - quantity * cost) AS margin FROM volume_line GROUP BY order_i) total
       ON total.order_i = o.i;

INSERT INTO sale_order_line (
    id, order_id, sequence, company_id, currency_id, order_partner_id, salesman_id, product_id, product_uom_id, state,
    qty_delivered_method, invoice_status, name, product_uom_qty, price_unit, technical_price_unit, discount,
    price_subtotal, price_tax, price_total, price_reduce_taxexcl, price_reduce_taxinc, purchase_price, margin, margin_percent,
    qty_delivered, qty_invoiced, qty_to_invoice, untaxed_amount_invoiced, untaxed_amount_to_invoice,
    customer_lead, warehouse_id, create_uid, write_uid, create_date, write_date)
SELECT base.sale_line + (o.i - 1) * %(lines)s + l.k, o.id, 10 * l.k, base.company_id, base.currency_id, o.partner_id, o.user_id,
       product.id, product.uom_id, o.state, 'stock_move', o.invoice_status, 'Line ' || l.k, l.quantity, l.price, l.price, 0,
       l.amount, 0, l.amount, l.price, l.price, l.cost, l.amount - l.quantity * l.cost,
       (l.amount - l.quantity * l.cost) / l.amount,
       l.done, l.done, 0, CASE WHEN l.done > 0 THEN l.amount ELSE 0 END, 0,
       0, base.warehouse_id, 1, 1, o.date, o.date
  FROM volume_base base, volume_line l
  JOIN volume_order o ON o.i = l.order_i
  JOIN volume_product product ON product.rank = mod(l.order_i * 7 + l.k * 13, (SELECT count(*) FROM volume_product));

INSERT INTO crm_lead (
    id, name, type, company_id, user_id, team_id, stage_id, partner_id, email_from, email_normalized, email_domain_criterion,
    email_state, contact_name, priority, won_status, active, expected_revenue, prorated_revenue, probability,
    automated_probability, recurring_revenue, recurring_revenue_monthly, recurring_revenue_monthly_prorated,
    recurring_revenue_prorated, date_open, date_closed, date_last_stage_update, message_bounce, color,
    create_uid, write_uid, create_date, write_date)
SELECT base.lead + l.i, 'Opportunity ' || l.i, CASE WHEN mod(l.i, 5) = 0 THEN 'lead' ELSE 'opportunity' END,
       base.company_id, base.users[1 + mod(l.i, array_length(base.users, 1))], base.team_id,
       CASE WHEN l.status = 'won' THEN base.won_stage
            ELSE base.open_stages[1 + mod(l.i, array_length(base.open_stages, 1))] END,
       CASE WHEN mod(l.i, 2) = 0 THEN base.partner + 1 + mod(l.i, %(partners)s) END,
       'lead' || l.i || '@volume.example.com', 'lead' || l.i || '@volume.example.com', '@volume.example.com', 'correct',
       'Person ' || l.i, mod(l.i, 4)::text, l.status, l.status != 'lost', l.revenue,
       round(l.revenue * l.probability / 100, 2), l.probability, l.probability, 0, 0, 0, 0,
       l.date, CASE WHEN l.status != 'pending' THEN l.date + l.days * interval '1 day' END, l.date, 0, 0,
       1, 1, l.date, l.date
  FROM volume_base base,
       (SELECT i, status, days, date_trunc('second', now() - (days + 700 * random()) * interval '1 day')::timestamp AS date,
               round((200 * exp(3 * random()))::numeric, 2) AS revenue,
               CASE status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 10 + mod(i, 80) END AS probability
          FROM (SELECT i, 5 + 60 * random() AS days,
                       (ARRAY['won', 'won', 'lost', 'lost', 'lost', 'pending', 'pending', 'pending', 'pending', 'pending'])
                       [1 + mod(i, 10)] AS status
                  FROM generate_series(1, %(leads)s) i) s) l;

INSERT INTO purchase_order (
    id, name, company_id, partner_id, currency_id, currency_rate, user_id, state, invoice_status, receipt_status, picking_type_id,
    date_order, date_approve, date_planned, amount_untaxed, amount_tax, amount_total, amount_total_cc, locked, priority,
    create_uid, write_uid, create_date, write_date)
SELECT base.purchase + o.i, 'VP' || lpad(o.i::text, 7, '0'), base.company_id,
       base.partner + 1 + 100 * mod(o.i, %(partners)s / 100), base.currency_id, 1,
       base.users[1 + mod(o.i, array_length(base.users, 1))], 'purchase', 'no',
       CASE WHEN o.date < now() - interval '30 days' THEN 'full' ELSE 'pending' END, base.in_type_id,
       o.date, o.date, o.date + interval '20 days', 0, 0, 0, 0, false, '0', 1, 1, o.date, o.date
  FROM volume_base base,
       (SELECT i, date_trunc('second', now() - 700 * random() * interval '1 day')::timestamp AS date
          FROM generate_series(1, %(purchases)s) i) o;

INSERT INTO purchase_order_line (
    id, order_id, sequence, company_id, partner_id, product_id, product_uom_id, name, product_qty, product_uom_qty,
    price_unit, technical_price_unit, discount, price_subtotal, price_tax, price_total, qty_received_method, qty_received,
    qty_received_manual, qty_invoiced, qty_to_invoice, date_planned, propagate_cancel, create_uid, write_uid, create_date, write_date)
SELECT base.purchase_line + (o.i - 1) * 2 + k, o.id, 10 * k, base.company_id, o.partner_id, product.id, product.uom_id, 'Line ' || k,
       q.quantity, q.quantity, 7, 7, 0, 7 * q.quantity, 0, 7 * q.quantity, 'stock_moves',
       CASE WHEN o.receipt_status = 'full' THEN q.quantity ELSE 0 END, 0, 0, 0, o.date_planned, true, 1, 1, o.create_date, o.write_date
  FROM volume_base base
  JOIN LATERAL (SELECT *, purchase.id - base.purchase AS i FROM purchase_order purchase WHERE purchase.id > base.purchase) o ON true
 CROSS JOIN generate_series(1, 2) k
 CROSS JOIN LATERAL (SELECT 1 + mod(o.i * 3 + k, 20) AS quantity) q
  JOIN volume_product product ON product.rank = mod(o.i * 7 + k * 13, (SELECT count(*) FROM volume_product));

UPDATE purchase_order purchase
   SET amount_untaxed = line.amount, amount_total = line.amount, amount_total_cc = line.amount
  FROM (SELECT order_id, sum(price_subtotal) AS amount
          FROM purchase_order_line, volume_base base
         WHERE id > base.purchase_line
         GROUP BY order_id) line
 WHERE line.order_id = purchase.id;

SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner)),
       setval('sale_order_id_seq', (SELECT max(id) FROM sale_order)),
       setval('sale_order_line_id_seq', (SELECT max(id) FROM sale_order_line)),
       setval('crm_lead_id_seq', (SELECT max(id) FROM crm_lead)),
       setval('purchase_order_id_seq', (SELECT max(id) FROM purchase_order)),
       setval('purchase_order_line_id_seq', (SELECT max(id) FROM purchase_order_line));
