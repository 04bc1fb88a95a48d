-- A copy of a live database does no work in the background.
UPDATE ir_cron
   SET active = false
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE model = 'ir.cron'
          AND module = 'crm_scp_analytics'
);
-- Nor does it have others work for it.
DELETE FROM ir_config_parameter WHERE key = 'crm_scp_analytics.scheduler';
