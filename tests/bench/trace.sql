-- Lots for a database with crm_scp_supply: `lots` lots on six levels, ten move lines each (psycopg2 parameters
-- `lots`, `suppliers`, `customers`). A lot of a level is made of three lots of the level below, which are each used
-- for about three; those of the first level are bought, and all but those of the last also sold a little. One
-- delivery in twenty came back. Rows are inserted past Odoo: as it would have left them, no more than what traces
-- read. Percent signs are doubled for psycopg2.

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

CREATE TEMP TABLE trace_base ON COMMIT DROP AS
SELECT (SELECT max(id) FROM res_partner) AS partner,
       (SELECT COALESCE(max(id), 0) FROM stock_lot) AS lot,
       (SELECT COALESCE(max(id), 0) FROM stock_move) AS move,
       (SELECT COALESCE(max(id), 0) FROM stock_move_line) AS line,
       (SELECT COALESCE(max(id), 0) FROM stock_picking) AS picking,
       (SELECT COALESCE(max(id), 0) FROM sale_order) AS sale,
       (SELECT COALESCE(max(id), 0) FROM sale_order_line) AS sale_line,
       (SELECT COALESCE(max(id), 0) FROM purchase_order) AS purchase,
       (SELECT COALESCE(max(id), 0) FROM purchase_order_line) AS purchase_line,
       company.id AS company_id, company.currency_id, warehouse.id AS warehouse_id, warehouse.out_type_id,
       warehouse.in_type_id, warehouse.lot_stock_id,
       (SELECT id FROM stock_location WHERE usage = 'customer' ORDER BY id LIMIT 1) AS customer_id,
       (SELECT id FROM stock_location WHERE usage = 'supplier' ORDER BY id LIMIT 1) AS supplier_id,
       (SELECT id FROM stock_location WHERE usage = 'production' ORDER BY id LIMIT 1) AS production_id,
       product.id AS product_id, product.uom_id
  FROM (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company
  JOIN stock_warehouse warehouse ON warehouse.company_id = company.id,
       (SELECT product.id, template.uom_id
          FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE template.type = 'consu' ORDER BY product.id LIMIT 1) product
 ORDER BY warehouse.id
 LIMIT 1;

INSERT INTO res_partner (
    id, name, complete_name, commercial_partner_id, is_company, type, active, lang, autopost_bills, group_rfq, group_on,
    create_uid, write_uid, create_date, write_date)
SELECT base.partner + i, 'Partner ' || i, 'Partner ' || i, base.partner + i, true, 'contact', true, 'en_US', 'ask',
       'default', 'default', 1, 1, now(), now()
  FROM trace_base base, generate_series(1, %(suppliers)s + %(customers)s) i;

-- i counts from 0; a sixth of the lots a level, level 0 is bought
CREATE TEMP TABLE trace_lot ON COMMIT DROP AS
SELECT i, base.lot + 1 + i AS id, i / (%(lots)s / 6 + 1) AS level, mod(i, %(lots)s / 6 + 1) AS place
  FROM trace_base base, generate_series(0, %(lots)s - 1) i;
CREATE UNIQUE INDEX ON trace_lot (level, place);
ANALYZE trace_lot;

INSERT INTO stock_lot (id, name, product_id, company_id, create_uid, write_uid, create_date, write_date)
SELECT lot.id, 'T' || lot.i, base.product_id, base.company_id, 1, 1, now(), now() FROM trace_base base, trace_lot lot;

-- Ten lines a lot: one in (bought or made), three used for it below (so three of its own are used above), six out.
CREATE TEMP TABLE trace_line ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY lot.i, told.n) AS j, lot.id AS lot_id, told.kind, told.n, lot.level, lot.place,
       CASE WHEN told.kind = 'used' THEN above.id END AS made_lot_id,
       1 + mod(lot.i * 7 + told.n * 13, %(customers)s) AS customer, 1 + mod(lot.i, %(suppliers)s) AS supplier,
       1 + mod(lot.i + told.n, 9) AS qty
  FROM trace_lot lot
 CROSS JOIN (VALUES ('in', 0), ('used', 1), ('used', 2), ('used', 3), ('out', 4), ('out', 5), ('out', 6), ('out', 7),
                    ('out', 8), ('last', 9)) told (kind, n)
  LEFT JOIN trace_lot above
         ON told.kind = 'used' AND above.level = lot.level + 1
        AND above.place = mod(lot.place + CASE told.n WHEN 1 THEN 0 WHEN 2 THEN 1 ELSE 7 END, %(lots)s / 6 + 1);
-- what would be used above the last level goes out instead, and one lot in two sends its last line back
UPDATE trace_line SET kind = 'out' WHERE kind = 'used' AND made_lot_id IS NULL;
UPDATE trace_line SET kind = CASE WHEN mod(lot_id, 2) = 0 THEN 'back' ELSE 'out' END WHERE kind = 'last';
CREATE INDEX ON trace_line (lot_id, kind);
ANALYZE trace_line;

INSERT INTO sale_order (
    id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, currency_id, currency_rate, state,
    date_order, picking_policy, warehouse_id, locked, create_uid, write_uid, create_date, write_date)
SELECT base.sale + i, 'T' || i, base.company_id, base.partner + %(suppliers)s + i, base.partner + %(suppliers)s + i,
       base.partner + %(suppliers)s + i, base.currency_id, 1, 'sale', now(), 'direct', base.warehouse_id, false, 1, 1,
       now(), now()
  FROM trace_base base, generate_series(1, %(customers)s) i;
INSERT INTO sale_order_line (
    id, order_id, sequence, company_id, currency_id, order_partner_id, product_id, product_uom_id, state, name,
    product_uom_qty, price_unit, technical_price_unit, customer_lead, warehouse_id, create_uid, write_uid, create_date,
    write_date)
SELECT base.sale_line + i, base.sale + i, 10, base.company_id, base.currency_id, base.partner + %(suppliers)s + i,
       base.product_id, base.uom_id, 'sale', 'Goods', 1, 5, 5, 0, base.warehouse_id, 1, 1, now(), now()
  FROM trace_base base, generate_series(1, %(customers)s) i;
INSERT INTO purchase_order (
    id, name, company_id, partner_id, currency_id, currency_rate, state, date_order, picking_type_id, create_uid,
    write_uid, create_date, write_date)
SELECT base.purchase + i, 'T' || i, base.company_id, base.partner + i, base.currency_id, 1, 'purchase', now(),
       base.in_type_id, 1, 1, now(), now()
  FROM trace_base base, generate_series(1, %(suppliers)s) i;
INSERT INTO purchase_order_line (
    id, order_id, sequence, company_id, partner_id, product_id, product_uom_id, name, product_qty, price_unit, date_planned,
    create_uid, write_uid, create_date, write_date)
SELECT base.purchase_line + i, base.purchase + i, 10, base.company_id, base.partner + i, base.product_id, base.uom_id,
       'Goods', 1, 5, now(), 1, 1, now(), now()
  FROM trace_base base, generate_series(1, %(suppliers)s) i;

-- One transfer a delivery, return or receipt
INSERT INTO stock_picking (
    id, name, state, move_type, partner_id, company_id, picking_type_id, location_id, location_dest_id, date_done,
    create_uid, write_uid, create_date, write_date)
SELECT base.picking + l.j, 'TP' || l.j, 'done', 'direct',
       base.partner + CASE WHEN l.kind = 'in' THEN l.supplier ELSE %(suppliers)s + l.customer END, base.company_id,
       CASE WHEN l.kind = 'in' THEN base.in_type_id ELSE base.out_type_id END,
       CASE l.kind WHEN 'in' THEN base.supplier_id WHEN 'back' THEN base.customer_id ELSE base.lot_stock_id END,
       CASE l.kind WHEN 'out' THEN base.customer_id ELSE base.lot_stock_id END, now(), 1, 1, now(), now()
  FROM trace_base base, trace_line l
 WHERE l.kind IN ('out', 'back') OR l.kind = 'in' AND l.level = 0;

WITH place AS (
    SELECT l.*, base.*,
           CASE l.kind WHEN 'in' THEN CASE WHEN l.level = 0 THEN base.supplier_id ELSE base.production_id END
                       WHEN 'back' THEN base.customer_id ELSE base.lot_stock_id END AS source_id,
           CASE l.kind WHEN 'used' THEN base.production_id WHEN 'out' THEN base.customer_id ELSE base.lot_stock_id END
               AS destination_id,
           CASE WHEN l.kind IN ('out', 'back') OR l.kind = 'in' AND l.level = 0 THEN base.picking + l.j END AS picking_ref
      FROM trace_base base, trace_line l
), moved AS (
    INSERT INTO stock_move (
        id, company_id, product_id, product_uom, product_uom_qty, product_qty, quantity, picked, location_id,
        location_dest_id, picking_id, picking_type_id, sale_line_id, purchase_line_id, procure_method, state, date,
        create_uid, write_uid, create_date, write_date)
    SELECT move + j, company_id, product_id, uom_id, qty, qty, qty, true, source_id, destination_id, picking_ref,
           CASE WHEN kind IN ('out', 'back') THEN out_type_id WHEN kind = 'in' AND level = 0 THEN in_type_id END,
           CASE WHEN kind IN ('out', 'back') THEN sale_line + customer END,
           CASE WHEN kind = 'in' AND level = 0 THEN purchase_line + supplier END, 'make_to_stock', 'done', now(), 1, 1,
           now(), now()
      FROM place
)
INSERT INTO stock_move_line (
    id, move_id, picking_id, lot_id, product_id, product_uom_id, quantity, quantity_product_uom, picked, state,
    company_id, location_id, location_dest_id, date, create_uid, write_uid, create_date, write_date)
SELECT line + j, move + j, picking_ref, lot_id, product_id, uom_id, qty, qty, true, 'done', company_id, source_id,
       destination_id, now(), 1, 1, now(), now()
  FROM place;

INSERT INTO stock_move_line_consume_rel (consume_line_id, produce_line_id)
SELECT base.line + made.j, base.line + used.j
  FROM trace_base base
 CROSS JOIN trace_line used
  JOIN trace_line made ON made.lot_id = used.made_lot_id AND made.kind = 'in'
 WHERE used.kind = 'used';

SELECT setval(pg_get_serial_sequence(name, 'id'), (SELECT max(id) FROM stock_move_line) + 1000000)
  FROM unnest(ARRAY['res_partner', 'stock_lot', 'stock_move', 'stock_move_line', 'stock_picking', 'sale_order',
                    'sale_order_line', 'purchase_order', 'purchase_order_line']) name;
