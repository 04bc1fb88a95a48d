-- Deliveries for a database with crm_scp_supply: `lines` promised sales order lines (psycopg2 parameter), three an
-- order, their ledger and their transfers. In ten lines seven are delivered at once, two in two parts, one waits; a
-- tenth was promised anew, one in forty came back. Rows are inserted past Odoo: as it would have left them, no more
-- than what delivery facts read. Percent signs are doubled for psycopg2.

SELECT setseed(0.19);

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

CREATE TEMP TABLE supply_base ON COMMIT DROP AS
SELECT (SELECT max(id) FROM res_partner) AS partner,
       (SELECT COALESCE(max(id), 0) FROM sale_order) AS sale,
       (SELECT COALESCE(max(id), 0) FROM sale_order_line) AS sale_line,
       (SELECT COALESCE(max(id), 0) FROM stock_picking) AS picking,
       company.id AS company_id, company.currency_id, warehouse.id AS warehouse_id, warehouse.out_type_id,
       warehouse.lot_stock_id,
       (SELECT id FROM stock_location WHERE usage = 'customer' ORDER BY id LIMIT 1) AS customer_id,
       (SELECT id FROM res_users WHERE active AND NOT share ORDER BY id LIMIT 1) AS user_id,
       (SELECT array_agg(product.id ORDER BY product.id)
          FROM product_product product
          JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE template.type = 'consu') AS products,
       (SELECT id FROM scp_promise_reason ORDER BY id LIMIT 1) AS reason_id
  FROM (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company
  JOIN stock_warehouse warehouse ON warehouse.company_id = company.id
 ORDER BY warehouse.id
 LIMIT 1;

CREATE TEMP TABLE supply_line ON COMMIT DROP AS
SELECT l.i, base.sale_line + l.i AS id, base.sale + 1 + (l.i - 1) / 3 AS order_id, base.picking + l.i AS picking_id,
       base.partner + 1 + mod(l.i, 2000) AS partner_id,
       base.products[1 + mod(l.i * 7, array_length(base.products, 1))] AS product_id,
       1 + mod(l.i * 3, 40) AS qty, l.ordered, l.ordered + 10 * interval '1 day' AS promised,
       l.ordered + (6 + 6 * l.luck) * interval '1 day' AS done
  FROM supply_base base,
       (SELECT i, random() AS luck,
               date_trunc('second', now() - (20 + 700 * random()) * interval '1 day')::timestamp AS ordered
          FROM generate_series(1, %(lines)s) i) l;
ANALYZE supply_line;

INSERT INTO res_partner (
    id, name, complete_name, commercial_partner_id, is_company, type, active, lang, tz, autopost_bills, group_rfq,
    group_on, create_uid, write_uid, create_date, write_date)
SELECT base.partner + i, 'Buyer ' || i, 'Buyer ' || i, base.partner + i, true, 'contact', true, 'en_US',
       (ARRAY['Europe/Brussels', 'Asia/Shanghai', 'America/New_York', NULL])[1 + mod(i, 4)], 'ask', 'default',
       'default', 1, 1, now(), now()
  FROM supply_base base, generate_series(1, 2000) i;

INSERT INTO sale_order (
    id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, currency_id, currency_rate, user_id,
    state, date_order, picking_policy, warehouse_id, locked, create_uid, write_uid, create_date, write_date)
SELECT l.order_id, 'B' || l.order_id, base.company_id, min(l.partner_id), min(l.partner_id), min(l.partner_id),
       base.currency_id, 1, base.user_id, 'sale', min(l.ordered), 'direct', base.warehouse_id, false, 1, 1, min(l.ordered),
       min(l.ordered)
  FROM supply_base base, supply_line l
 GROUP BY l.order_id, base.company_id, base.currency_id, base.user_id, base.warehouse_id;

INSERT INTO sale_order_line (
    id, order_id, sequence, company_id, currency_id, order_partner_id, product_id, product_uom_id, state,
    qty_delivered_method, name, product_uom_qty, price_unit, technical_price_unit, price_subtotal, customer_lead,
    qty_delivered, qty_invoiced, warehouse_id, create_uid, write_uid, create_date, write_date)
SELECT l.id, l.order_id, 10, base.company_id, base.currency_id, l.partner_id, l.product_id, template.uom_id, 'sale',
       'stock_move', 'Goods', l.qty, 5, 5, 5 * l.qty, 0, l.qty, 0, base.warehouse_id, 1, 1, l.ordered, l.ordered
  FROM supply_base base, supply_line l
  JOIN product_product product ON product.id = l.product_id
  JOIN product_template template ON template.id = product.product_tmpl_id;

INSERT INTO scp_promise (
    direction, kind, date, date_promised, previous_date, qty, uom_id, product_uom_qty, previous_product_uom_qty,
    product_uom_id, unconfirmed, source, reason_id, line_ref, sale_line_id, sale_order_id, order_name, product_id,
    product_name, partner_id, company_id, warehouse_id, create_uid, write_uid, create_date, write_date)
SELECT 'out', event.kind, l.ordered + event.days * interval '1 day',
       l.promised + event.later * interval '1 day', CASE WHEN event.kind = 'revision' THEN l.promised END, l.qty,
       template.uom_id, l.qty, CASE WHEN event.kind = 'revision' THEN l.qty END, template.uom_id, false, 'internal',
       CASE WHEN event.kind = 'revision' THEN base.reason_id END, l.id, l.id, l.order_id, 'B' || l.order_id,
       l.product_id, 'Goods', l.partner_id, base.company_id, base.warehouse_id, 1, 1, l.ordered, l.ordered
  FROM supply_base base, supply_line l
  JOIN product_product product ON product.id = l.product_id
  JOIN product_template template ON template.id = product.product_tmpl_id
  JOIN (VALUES ('baseline', 0, 0, 1), ('requested', 0, -2, 2), ('revision', 3, 4, 10)) event (kind, days, later, every)
       ON mod(l.i, event.every) = 0;

INSERT INTO stock_picking (
    id, name, state, move_type, partner_id, company_id, picking_type_id, location_id, location_dest_id, date_done,
    backorder_id, create_uid, write_uid, create_date, write_date)
SELECT l.picking_id, 'BOUT' || l.i, CASE WHEN mod(l.i, 10) = 9 THEN 'assigned' ELSE 'done' END, 'direct', l.partner_id,
       base.company_id, base.out_type_id, base.lot_stock_id, base.customer_id, l.done, NULL, 1, 1, l.ordered, l.done
  FROM supply_base base, supply_line l;

INSERT INTO stock_move (
    company_id, product_id, product_uom, product_uom_qty, product_qty, quantity, picked, location_id, location_dest_id,
    picking_id, picking_type_id, sale_line_id, procure_method, state, to_refund, date, create_uid, write_uid,
    create_date, write_date)
SELECT base.company_id, l.product_id, template.uom_id, part.qty, part.qty, part.qty, true,
       CASE WHEN part.back THEN base.customer_id ELSE base.lot_stock_id END,
       CASE WHEN part.back THEN base.lot_stock_id ELSE base.customer_id END,
       l.picking_id, base.out_type_id, l.id, 'make_to_stock', CASE WHEN mod(l.i, 10) = 9 THEN 'assigned' ELSE 'done' END,
       part.back, l.done + part.days * interval '1 day', 1, 1, l.ordered, l.done
  FROM supply_base base, supply_line l
  JOIN product_product product ON product.id = l.product_id
  JOIN product_template template ON template.id = product.product_tmpl_id
 CROSS JOIN LATERAL (
       SELECT l.qty - CASE WHEN mod(l.i, 10) IN (3, 4) THEN l.qty / 2 ELSE 0 END AS qty, 0 AS days, false AS back
        UNION ALL
       SELECT l.qty / 2, 4, false WHERE mod(l.i, 10) IN (3, 4) AND l.qty > 1
        UNION ALL
       SELECT 1, 8, true WHERE mod(l.i, 40) = 0
     ) part;

SELECT setval(pg_get_serial_sequence('res_partner', 'id'), (SELECT max(id) FROM res_partner)),
       setval(pg_get_serial_sequence('sale_order', 'id'), (SELECT max(id) FROM sale_order)),
       setval(pg_get_serial_sequence('sale_order_line', 'id'), (SELECT max(id) FROM sale_order_line)),
       setval(pg_get_serial_sequence('stock_picking', 'id'), (SELECT max(id) FROM stock_picking));
