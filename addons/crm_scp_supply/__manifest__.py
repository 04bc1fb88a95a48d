{
    'name': "SCP Supply Collaboration",
    'summary': "Promises that are remembered, kept and shared along the chain",
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': "SCP Suite",
    'license': 'LGPL-3',
    'depends': ['crm_scp_core', 'sale_stock', 'purchase_stock', 'product_expiry'],
    'data': [
        'security/ir.model.access.csv',
        'security/scp_promise_security.xml',
        'security/scp_promise_report_security.xml',
        'security/scp_relation_security.xml',

        'data/scp_promise_reason_data.xml',
        'data/scp_share_policy_data.xml',
        'data/ir_cron_data.xml',

        'wizard/scp_promise_confirm_views.xml',
        'wizard/scp_promise_revise_views.xml',

        'views/relation/scp_relation_views.xml',
        'views/relation/scp_share_policy_views.xml',
        'views/promise/scp_promise_views.xml',
        'views/promise/scp_promise_report_views.xml',
        'views/promise/scp_promise_reason_views.xml',
        'views/promise/sale_order_views.xml',
        'views/promise/purchase_order_views.xml',
        'views/promise/stock_picking_views.xml',
        'views/promise/res_partner_views.xml',
        'views/crm_scp_supply_menus.xml',
    ],
    'demo': [
        'demo/res_users_demo.xml',
        'demo/res.partner.csv',
        'demo/product_demo.xml',
        'demo/scp_relation_demo.xml',
        'demo/purchase_order_demo.xml',
        'demo/sale_delivery_demo.xml',
    ],
    'assets': {
        'web.assets_tests': [
            'crm_scp_supply/static/tests/tours/**/*',
        ],
    },
    'uninstall_hook': 'uninstall_hook',
}
