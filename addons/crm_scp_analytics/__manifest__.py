{
    'name': "SCP Customer Value",
    'summary': "Who earns us how much, and why, from the company's own orders",
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': "SCP Suite",
    'license': 'LGPL-3',
    'depends': ['crm_scp_core', 'sale_margin', 'mass_mailing'],
    'external_dependencies': {'python': ['pandas', 'scikit-learn']},
    'data': [
        'security/ir.model.access.csv',
        'security/scp_value_fact_security.xml',
        'security/scp_value_security.xml',
        'security/scp_value_model_security.xml',

        'data/ir_actions_server_data.xml',
        'data/ir_config_parameter_data.xml',
        'data/ir_cron_fact_data.xml',
        'data/ir_cron_data.xml',
        'data/ir_cron_override_data.xml',

        'views/facts/scp_value_fact_views.xml',
        'views/facts/scp_value_fact_refresh_views.xml',
        'views/facts/scp_value_profit_report_views.xml',
        'views/facts/res_config_settings_views.xml',
        'views/value/scp_value_score_views.xml',
        'views/value/scp_value_choice_views.xml',
        'views/value/scp_value_run_views.xml',
        'views/value/scp_value_model_views.xml',
        'views/value/scp_value_override_views.xml',
        'views/value/res_partner_views.xml',
        'views/value/res_config_settings_views.xml',
        'views/crm_scp_analytics_menus.xml',
    ],
    'demo': [
        'demo/calendar_event_demo.xml',
        'demo/scp_value_run_demo.xml',
        'demo/scp_value_model_demo.xml',
    ],
    'uninstall_hook': 'uninstall_hook',
    'assets': {
        'web.assets_backend': [
            'crm_scp_analytics/static/src/**/*',
        ],
        'web.assets_tests': [
            'crm_scp_analytics/static/tests/tours/**/*',
        ],
    },
}
