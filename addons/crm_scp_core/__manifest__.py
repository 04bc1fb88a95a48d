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

        'data/scp_grade_data.xml',
    ],
    'demo': [
        'demo/res_users_demo.xml',
        'demo/crm_team_demo.xml',
    ],
    'application': True,
}
