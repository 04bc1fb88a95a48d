{
    'name': "SCP Customer Value",
    'summary': "Who earns us how much, and why, from the company's own orders",
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': "SCP Suite",
    'license': 'LGPL-3',
    'depends': ['crm_scp_core', 'sale_margin', 'mass_mailing'],
    'external_dependencies': {'python': ['pandas', 'scikit-learn']},
    'data': [],
    'demo': [],
}
