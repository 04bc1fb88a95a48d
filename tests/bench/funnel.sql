-- Deals and their history for a database with crm_scp_core: `leads` opportunities (psycopg2 parameter) and five
-- times as many moves. Deterministic but for the date of the day. Rows are inserted past Odoo: as it would have left
-- them, no more than what the reports of the funnel read. Percent signs are doubled for psycopg2.

SELECT setseed(0.19);

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

CREATE TEMP TABLE funnel_base ON COMMIT DROP AS
SELECT COALESCE((SELECT max(id) FROM crm_lead), 0) AS lead,
       company.id AS company_id,
       company.currency_id,
       (SELECT array_agg(id ORDER BY id) FROM crm_team WHERE active AND COALESCE(company_id, company.id) = company.id) AS teams,
       (SELECT array_agg(id ORDER BY id) FROM res_users WHERE active AND NOT share AND company_id = company.id) AS users,
       (SELECT array_agg(id ORDER BY id) FROM crm_lost_reason) AS reasons,
       (SELECT array_agg(id ORDER BY sequence, id) FROM crm_stage WHERE NOT COALESCE(is_won, false)) AS open_stages,
       (SELECT id FROM crm_stage WHERE is_won ORDER BY sequence, id LIMIT 1) AS won_stage
  FROM (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company;

-- A deal takes three to seven moves, on average five: forward, sometimes back or over a stage. In ten deals two are
-- won, three are lost and five are open.
CREATE TEMP TABLE funnel_deal ON COMMIT DROP AS
SELECT d.i, base.lead + d.i AS id, d.moves, d.outcome, d.revenue, d.pace,
       now() - (d.moves * d.pace + CASE WHEN d.outcome = 'pending' THEN 60 ELSE 700 END * d.moment) * interval '1 day' AS created,
       base.teams[1 + mod(d.i, array_length(base.teams, 1))] AS team_id,
       base.users[1 + mod(d.i, array_length(base.users, 1))] AS user_id
  FROM funnel_base base,
       (SELECT i, 3 + mod(i, 5) AS moves, random() AS moment, 4 + 16 * random() AS pace,
               round((1000 * exp(3 * random()))::numeric, 2) AS revenue,
               (ARRAY['won', 'won', 'lost', 'lost', 'lost', 'pending', 'pending', 'pending', 'pending', 'pending'])
               [1 + mod(i / 5, 10)] AS outcome
          FROM generate_series(1, %(leads)s) i) d;

CREATE TEMP TABLE funnel_move ON COMMIT DROP AS
SELECT m.*,
       lag(m.stage_id) OVER deal AS stage_from_id,
       lag(m.amount) OVER deal AS amount_from,
       lag(m.deadline) OVER deal AS deadline_from,
       lag(m.date) OVER deal AS date_from
  FROM (SELECT d.id AS lead_id, d.i, k, d.team_id, d.user_id,
               date_trunc('second', d.created + k * d.pace * interval '1 day')::timestamp AS date,
               CASE WHEN k < d.moves OR d.outcome = 'pending' THEN 'pending' ELSE d.outcome END AS status,
               CASE WHEN k = d.moves AND d.outcome = 'won' THEN base.won_stage
                    ELSE base.open_stages[1 + mod((ARRAY[0, 1, 2, 1, 2, 3, 2, 3])[1 + k - (k = d.moves AND d.outcome = 'lost')::int],
                                                  array_length(base.open_stages, 1))]
                END AS stage_id,
               round(d.revenue * (1 + 0.05 * mod(k + d.i, 4)), 2) AS amount,
               (d.created + (d.moves * d.pace + 10 * mod(k, 3)) * interval '1 day')::date AS deadline
          FROM funnel_base base, funnel_deal d, generate_series(0, d.moves) k) m
WINDOW deal AS (PARTITION BY m.lead_id ORDER BY m.k);
CREATE UNIQUE INDEX ON funnel_move (lead_id, k);
ANALYZE funnel_base, funnel_deal, funnel_move;

INSERT INTO crm_lead (
    id, name, type, company_id, user_id, team_id, stage_id, priority, won_status, active, expected_revenue,
    prorated_revenue, probability, automated_probability, recurring_revenue, recurring_revenue_monthly,
    recurring_revenue_monthly_prorated, recurring_revenue_prorated, date_deadline, date_closed, date_last_stage_update,
    lost_reason_id, message_bounce, color, create_uid, write_uid, create_date, write_date)
SELECT d.id, 'Deal ' || d.i, 'opportunity', base.company_id, d.user_id, d.team_id, last.stage_id, mod(d.i, 4)::text,
       d.outcome, d.outcome != 'lost', last.amount, 0,
       CASE d.outcome WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 10 + mod(d.i, 80) END,
       CASE d.outcome WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 10 + mod(d.i, 80) END,
       0, 0, 0, 0, last.deadline, CASE WHEN d.outcome != 'pending' THEN last.date END, last.date,
       CASE WHEN d.outcome = 'lost' THEN base.reasons[1 + mod(d.i, array_length(base.reasons, 1))] END,
       0, 0, 1, 1, d.created, last.date
  FROM funnel_base base, funnel_deal d
  JOIN funnel_move last ON last.lead_id = d.id AND last.k = d.moves;

INSERT INTO scp_lead_log (
    date, lead_id, lead_ref, lead_name, user_id, source, direction, stage_from_id, stage_to_id, stage_from_name,
    stage_to_name, band_from, band_to, skipped_stages, currency_id, currency_rate, reporting_currency_id, amount_from,
    amount_to, amount_delta, amount_reporting, probability_from, probability_to, deadline_from, deadline_to,
    deadline_shift, owner_from_id, owner_to_id, team_from_id, team_to_id, company_from_id, company_id, type_from, type_to,
    active_from, active_to, won_status_from, won_status_to, lost_reason_id, ends_stay, opens_stay, stay_hours,
    stay_business_hours, change_stage, change_amount, change_mrr, change_probability, change_deadline, change_owner,
    change_team, change_company, change_type, change_active, change_outcome)
SELECT m.date, m.lead_id, m.lead_id, 'Deal ' || m.i, m.user_id, 'user',
       CASE WHEN m.k = 0 THEN 'enter' WHEN m.status != 'pending' THEN m.status
            WHEN stage_to.sequence < stage_from.sequence THEN 'back' ELSE 'forward' END,
       m.stage_from_id, m.stage_id, stage_from.name, stage_to.name, stage_from.scp_band, stage_to.scp_band, 0,
       base.currency_id, 1, base.currency_id, m.amount_from, m.amount, m.amount - COALESCE(m.amount_from, 0), m.amount,
       10, CASE m.status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 10 END,
       m.deadline_from, m.deadline, m.deadline - m.deadline_from,
       CASE WHEN m.k > 0 THEN m.user_id END, m.user_id, CASE WHEN m.k > 0 THEN m.team_id END, m.team_id,
       CASE WHEN m.k > 0 THEN base.company_id END, base.company_id,
       CASE WHEN m.k > 0 THEN 'opportunity' END, 'opportunity', CASE WHEN m.k > 0 THEN true END, m.status != 'lost',
       CASE WHEN m.k > 0 THEN 'pending' END, m.status,
       CASE WHEN m.status = 'lost' THEN base.reasons[1 + mod(m.i, array_length(base.reasons, 1))] END,
       m.k > 0, m.status = 'pending', EXTRACT(EPOCH FROM m.date - m.date_from) / 3600,
       EXTRACT(EPOCH FROM m.date - m.date_from) / 3600 * 40 / 168,
       m.k > 0 AND m.stage_id != m.stage_from_id, m.amount != m.amount_from, false, m.status != 'pending',
       m.deadline != m.deadline_from, false, false, false, false, m.status = 'lost', m.status != 'pending'
  FROM funnel_base base, funnel_move m
  JOIN crm_stage stage_to ON stage_to.id = m.stage_id
  LEFT JOIN crm_stage stage_from ON stage_from.id = m.stage_from_id
 ORDER BY m.date, m.lead_id;

SELECT setval('crm_lead_id_seq', (SELECT max(id) FROM crm_lead));
