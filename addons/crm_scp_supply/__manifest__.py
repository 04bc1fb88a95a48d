{
    'name': "SCP Supply Collaboration",
    'summary': "Promises that are remembered, kept and shared along the chain",
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': "SCP Suite",
    'license': 'LGPL-3',
    'depends': ['crm_scp_core', 'sale_stock', 'purchase_stock', 'product_expiry'],
    'data': [],
    'demo': [
        'demo/res_users_demo.xml',
    ],
}
