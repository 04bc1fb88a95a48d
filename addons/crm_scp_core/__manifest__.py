{
    'name': "SCP Customer Relationship",
    'summary': "One page, one history and one measure of every customer",
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': "SCP Suite",
    'license': 'LGPL-3',
    'depends': [
        'crm',
        'sale_crm',
        'sale_management',
        'portal',
        'rating',
        'resource',
        'spreadsheet_dashboard',
    ],
    'data': [
        'security/crm_scp_core_groups.xml',
        'security/ir.model.access.csv',
        'security/scp_customer_security.xml',
        'security/crm_lead_security.xml',
        'security/sale_order_security.xml',
        'security/scp_lead_log_security.xml',

        'data/ir_cron_data.xml',
        'data/funnel/ir_cron_data.xml',
        'data/scp_grade_data.xml',

        'views/hub/scp_customer_refresh_views.xml',
        'views/hub/res_config_settings_views.xml',
        'views/hub/scp_grade_views.xml',
        'views/hub/scp_customer_views.xml',
        'views/hub/scp_customer_measure_views.xml',
        'views/hub/scp_my_day_views.xml',
        'views/hub/res_partner_views.xml',

        'views/crm_scp_core_menus.xml',

        'views/funnel/crm_stage_views.xml',
        'views/funnel/scp_lead_log_views.xml',
        'views/funnel/crm_lead_views.xml',
    ],
    'demo': [
        'demo/res_users_demo.xml',
        'demo/crm_team_demo.xml',
    ],
    'assets': {
        'web.assets_backend': [
            'crm_scp_core/static/src/**/*',
            ('remove', 'crm_scp_core/static/src/**/*.dark.scss'),
        ],
        'web.assets_web_dark': [
            'crm_scp_core/static/src/**/*.dark.scss',
        ],
        'web.assets_tests': [
            'crm_scp_core/static/tests/tours/**/*',
        ],
    },
    'application': True,
}
