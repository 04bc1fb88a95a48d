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
   SET scp_certificate_mail = false,
       scp_claim_remind = false,
       scp_life_auto = false,
       scp_scorecard_mail = false
 WHERE scp_certificate_mail
    OR scp_claim_remind
    OR scp_life_auto
    OR scp_scorecard_mail;
