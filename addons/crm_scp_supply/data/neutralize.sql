-- A copy of a live database does no work in the background.
UPDATE ir_cron
   SET active = false
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE model = 'ir.cron'
          AND module = 'crm_scp_supply'
);

-- A copy writes to nobody: what partners are told, the original tells them.
UPDATE res_company
   SET scp_scorecard_mail = false
 WHERE scp_scorecard_mail;
