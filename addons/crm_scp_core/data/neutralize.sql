-- A copy must not go on with a refresh the original began: once its jobs are switched on again,
-- it starts a pass of its own.
UPDATE scp_customer_refresh
   SET date_end = now() AT TIME ZONE 'UTC'
 WHERE date_end IS NULL;

-- A copy for trials must not send people after clocks that run in the original.
UPDATE res_company
   SET scp_escalation_active = FALSE;

-- A copy answers nobody: what was due to be sent is sent by the original.
UPDATE scp_complaint
   SET acknowledgement_due = FALSE
 WHERE acknowledgement_due;
UPDATE res_company
   SET scp_complaint_auto_acknowledge = FALSE,
       scp_feedback_auto = FALSE;
