-- Complaints with their clocks and events for a database with crm_scp_core: rows `first` to `last` (psycopg2
-- parameters), the first `open` of them open. Each has six clocks and twenty events. Deterministic but for the date of
-- the day. Rows are inserted past Odoo: as it would have left them. Percent signs are doubled for psycopg2.

SELECT setseed(0.19);

-- As a superuser, spare the foreign key checks: the keys below are right by construction.
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper;

CREATE TEMP TABLE complaint_base ON COMMIT DROP AS
SELECT company.id AS company_id,
       company.resource_calendar_id AS calendar_id,
       (SELECT array_agg(id ORDER BY id) FROM res_partner WHERE parent_id IS NULL) AS partners,
       (SELECT COALESCE(max(id), 0) FROM scp_complaint) AS complaint,
       (SELECT COALESCE(max(id), 0) FROM scp_sla_clock) AS clock,
       (SELECT id FROM scp_complaint_team WHERE company_id = company.id ORDER BY id LIMIT 1) AS team_id,
       (SELECT array_agg(id ORDER BY id) FROM res_users WHERE active AND NOT share AND company_id = company.id) AS users,
       (SELECT array_agg(id ORDER BY id) FROM scp_complaint_category) AS categories,
       (SELECT id FROM scp_complaint_stage WHERE state = 'closed' ORDER BY sequence, id LIMIT 1) AS closed_stage,
       (SELECT array_agg(id ORDER BY sequence, id) FROM scp_complaint_stage
         WHERE state IN ('acknowledged', 'assessed', 'investigating', 'proposed')) AS open_stages
  FROM (SELECT id, resource_calendar_id FROM res_company ORDER BY id LIMIT 1) company;

CREATE TEMP TABLE complaint_row ON COMMIT DROP AS
SELECT c.i, base.complaint + c.n AS id, base.clock + (c.n - 1) * 6 AS clock, c.is_open, c.severity,
       base.partners[1 + mod(c.n, array_length(base.partners, 1))] AS partner_id,
       base.users[1 + mod(c.i, array_length(base.users, 1))] AS user_id,
       date_trunc('second', now() AT TIME ZONE 'UTC'
           - CASE WHEN c.is_open THEN 1 + 9 * c.moment ELSE 30 + 1000 * c.moment END * interval '1 day') AS received
  FROM complaint_base base,
       (SELECT i, i - %(first)s + 1 AS n, i <= %(open)s AS is_open, random() AS moment,
               (ARRAY['s1', 's2', 's2', 's3', 's3', 's3', 's3', 's4', 's4', 's4'])[1 + mod(i, 10)] AS severity
          FROM generate_series(%(first)s, %(last)s) i) c;
ANALYZE complaint_row;

INSERT INTO scp_complaint (
    id, number, name, company_id, partner_id, commercial_partner_id, email_from, channel, received_at, category_id, severity,
    team_id, user_id, stage_id, state, cycle, active, awaits_response, response_count, acknowledged_at, first_response_at,
    last_response_at, decided_at, informed_at, first_resolved_at, resolved_at, closed_at, first_response_hours, resolution_hours,
    acknowledge_hours, first_resolution_hours, create_uid, write_uid, create_date, write_date)
SELECT c.id, 'V' || lpad(c.i::text, 7, '0'), 'Complaint ' || c.i, base.company_id, c.partner_id, c.partner_id,
       'c' || c.i || '@volume.example.com', (ARRAY['email', 'phone', 'portal'])[1 + mod(c.i, 3)], c.received,
       base.categories[1 + mod(c.i, array_length(base.categories, 1))], c.severity, base.team_id, c.user_id,
       stage.id, stage.state, 1, true, false, 1, c.received + interval '1 hour', c.received + interval '3 hours',
       c.received + interval '3 hours', done.at - interval '2 days', done.at - interval '1 day', done.at, done.at, done.at,
       3, CASE WHEN NOT c.is_open THEN 40 END, 1, CASE WHEN NOT c.is_open THEN 40 END, 1, 1, c.received, c.received
  FROM complaint_base base, complaint_row c
  JOIN scp_complaint_stage stage ON stage.id = CASE
       WHEN c.is_open THEN (SELECT open_stages[1 + mod(c.i, array_length(open_stages, 1))] FROM complaint_base)
       ELSE (SELECT closed_stage FROM complaint_base) END
 CROSS JOIN LATERAL (SELECT CASE WHEN NOT c.is_open THEN c.received + interval '10 days' END AS at) done;

-- Of an open complaint the first two clocks are met and the others run.
INSERT INTO scp_sla_clock (
    id, complaint_id, company_id, kind, statutory, cycle, policy_id, policy_line_id, calendar_id, pausable, is_fallback, stale,
    start_at, target_h, consumed_h, last_resume_at, deadline, warn_at, state, met_at, breached_at, late_by_h, ended_at,
    escalated_percent, next_event_at, create_uid, write_uid, create_date, write_date)
SELECT c.clock + k.n, c.id, base.company_id, k.kind, false, 1, line.policy_id, line.id, base.calendar_id, k.n > 4, false, false,
       c.received, k.target, CASE WHEN k.runs THEN 0 ELSE k.target / 2 END, CASE WHEN k.runs THEN c.received END,
       c.received + k.target * 4 * interval '1 hour', c.received + k.target * 3 * interval '1 hour',
       CASE WHEN k.runs THEN 'running' WHEN mod(c.i + k.n, 7) = 0 THEN 'missed' ELSE 'met' END,
       CASE WHEN NOT k.runs THEN c.received + k.target * interval '2 hours' END,
       CASE WHEN NOT k.runs AND mod(c.i + k.n, 7) = 0 THEN c.received + k.target * interval '1 hour' END,
       CASE WHEN NOT k.runs AND mod(c.i + k.n, 7) = 0 THEN k.target END,
       CASE WHEN NOT k.runs THEN c.received + k.target * interval '2 hours' END,
       0, CASE WHEN k.runs THEN now() AT TIME ZONE 'UTC' + interval '30 days' END, 1, 1, c.received, c.received
  FROM complaint_base base, complaint_row c
 CROSS JOIN LATERAL (
       SELECT v.n, v.kind, v.target, c.is_open AND v.n > 2 AS runs
         FROM (VALUES (1, 'acknowledge', 4), (2, 'first_response', 8), (3, 'containment', 16), (4, 'customer_update', 40),
                      (5, 'decision', 64), (6, 'resolution', 120)) v (n, kind, target)) k
  LEFT JOIN LATERAL (
       SELECT id, policy_id FROM scp_sla_policy_line WHERE kind = k.kind AND NOT statutory ORDER BY id LIMIT 1) line ON true;

INSERT INTO scp_sla_event (
    clock_id, complaint_id, company_id, kind, statutory, date, event_type, user_id, consumed_h, target_h, deadline)
SELECT clock.id, clock.complaint_id, clock.company_id, clock.kind, false, clock.start_at + e * interval '1 hour',
       (ARRAY['start', 'pause', 'resume', 'met'])[e], c.user_id, e, clock.target_h, clock.deadline
  FROM complaint_row c
  JOIN scp_sla_clock clock ON clock.complaint_id = c.id
 CROSS JOIN generate_series(1, 4) e
 WHERE e < 4 OR clock.id <= c.clock + 2;

SELECT setval('scp_complaint_id_seq', (SELECT max(id) FROM scp_complaint)),
       setval('scp_sla_clock_id_seq', (SELECT max(id) FROM scp_sla_clock));
