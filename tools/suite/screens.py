"""The main screens: who opens them, where they are, and how to tell that they are there."""
import re
from dataclasses import dataclass

from suite import cdnow_recent

XML_ID = re.compile(r'<([\w.]+)>')
CONTENT = '.o_action_manager .o_content'
PAGE = 'crm_scp_core.partner_rheintal'  # one customer of the demo story, seen by several roles

COMPLAINT = 'crm_scp_core.scp_complaint_gulfport_262_closed'  # with causes, actions, 8D, costs


@dataclass(frozen=True)
class Screen:
    """One picture: the screen at ``path`` as ``login`` sees it.

    ``<module.name>`` in the path stands for the id of that record. ``ready`` is a selector that is
    visible once the screen has its data; ``tab`` the name of a notebook page to open; ``choice`` the
    selector of a list on the screen, and what to choose there.
    """

    name: str
    login: str
    path: str
    ready: str = CONTENT
    tab: str = ''
    choice: tuple[str, str] = ()

    def open(self, page, url, ids):
        page.goto(url + XML_ID.sub(lambda found: str(ids[found[1]]), self.path))
        page.wait_for_selector(self.ready)
        if self.tab:
            page.click(f'a.nav-link[name={self.tab}]')
            page.wait_for_selector(f'a.nav-link.active[name={self.tab}]')  # pages that read their own come with it
        if self.choice:
            page.select_option(*self.choice)

    @property
    def xml_ids(self):
        """XML ids that the path names."""
        return XML_ID.findall(self.path)


def _partner(name, login, tab=''):
    return Screen(name, login, f'/odoo/res.partner/<{PAGE}>', '.o_form_view .o_notebook', tab)


def _complaint(name, login, tab='', record=COMPLAINT):
    return Screen(name, login, f'/odoo/complaints/<{record}>', '.o_form_view .o_notebook', tab)


def _portal(login):
    return Screen('portal-home', login, '/my', '.o_portal_my_home')


SCREENS = (
    # salesperson
    Screen('my-day', 'scp_sales', '/odoo/my-day', '.o_scp_my_day'),
    Screen('customers', 'scp_sales', '/odoo/scp-customers'),
    _partner('customer', 'scp_sales'),
    _partner('customer-value', 'scp_sales', 'scp_value'),
    _partner('customer-deals', 'scp_sales', 'scp_deals'),
    _partner('customer-deliveries', 'scp_sales', 'scp_deliveries'),
    _partner('customer-profile', 'scp_sales', 'scp_profile'),
    Screen('life-events', 'scp_sales', '/odoo/life-events'),
    Screen('pipeline', 'scp_sales', '/odoo/crm'),
    Screen('deal', 'scp_sales', '/odoo/crm.lead/<crm_scp_core.crm_lead_rheintal_tankfarm>',
           '.o_form_view .o_notebook', 'scp_deal'),
    Screen('appraisals', 'scp_sales', '/odoo/appraisals'),
    Screen('whale-curve', 'scp_sales', '/odoo/whale-curve', '.o_scp_chart, .o_scp_empty'),
    Screen('competitors', 'scp_sales', '/odoo/competitors'),
    Screen('quotation-suggestions', 'scp_sales', '/odoo/sales/<crm_scp_core.quotation_kowalczyk>',
           '.o_form_view .o_notebook', 'scp_suggestions'),
    Screen('what-to-offer', 'scp_sales', '/odoo/what-to-offer'),
    Screen('segments', 'scp_sales', '/odoo/segments'),
    Screen('promises', 'scp_sales', '/odoo/promises'),
    Screen('control-tower', 'scp_sales', '/odoo/control-tower', '.o_scp_tower'),
    Screen('exceptions', 'scp_sales', '/odoo/supply-exceptions'),
    _complaint('complaint', 'scp_sales', record='crm_scp_core.scp_complaint_rheintal_4_investigating'),
    _complaint('complaint-solution', 'scp_sales', 'solution', 'crm_scp_core.scp_complaint_rheintal_4_investigating'),
    Screen('life-cycle-changes', 'scp_sales', '/odoo/life-cycle-changes'),
    # team leader
    Screen('my-day', 'scp_leader', '/odoo/my-day', '.o_scp_my_day'),
    Screen('customers-at-risk', 'scp_leader', '/odoo/customers-at-risk'),
    Screen('lead-log', 'scp_leader', '/odoo/lead-log'),
    Screen('funnel', 'scp_leader', '/odoo/funnel', '.o_scp_funnel'),
    Screen('waterfall', 'scp_leader', '/odoo/funnel-waterfall', '.o_scp_waterfall'),
    Screen('gap-radar', 'scp_leader', '/odoo/funnel-gaps', '.o_scp_gap'),
    Screen('forecast', 'scp_leader', '/odoo/sales-forecast', '.o_scp_tiles, .o_scp_board_cards'),
    Screen('targets', 'scp_leader', '/odoo/sales-targets'),
    Screen('forecast-submissions', 'scp_leader', '/odoo/forecast-submissions'),
    Screen('wins-and-losses', 'scp_leader', '/odoo/win-loss'),
    Screen('missed-gates', 'scp_leader', '/odoo/missed-gates'),
    Screen('time-in-stages', 'scp_leader', '/odoo/time-in-stages'),
    Screen('complaints', 'scp_leader', '/odoo/complaints'),
    Screen('silent-complaints', 'scp_leader', '/odoo/silent-complaints'),
    # manager
    Screen('my-day', 'scp_manager', '/odoo/my-day', '.o_scp_my_day'),
    Screen('customers', 'scp_manager', '/odoo/scp-customers'),
    Screen('customers-by-grade', 'scp_manager', '/odoo/customers-by-grade'),
    Screen('value-runs', 'scp_manager', '/odoo/value-runs'),
    Screen('value-scores', 'scp_manager', '/odoo/value-scores'),
    Screen('value-models', 'scp_manager', '/odoo/value-models'),
    Screen('customer-7p', 'scp_manager', '/odoo/customer-7p'),
    Screen('segment-rule', 'scp_manager', '/odoo/segments/<crm_scp_analytics.scp_segment_late>', '.o_form_view'),
    Screen('segment-profiles', 'scp_manager', '/odoo/segments/<crm_scp_analytics.scp_segment_profiles>',
           '.o_form_view'),
    Screen('bought-together', 'scp_manager', '/odoo/bought-together'),
    Screen('suggestion-runs', 'scp_manager', '/odoo/suggestion-runs'),
    Screen('value-model', 'scp_manager', '/odoo/value-models/<crm_scp_analytics.scp_value_model_draft>',
           '.o_form_view'),
    Screen('value-trial', 'scp_manager', '/odoo/value-trial', '.o_scp_moves, .o_scp_empty'),
    Screen('value-overrides', 'scp_manager', '/odoo/value-overrides'),
    Screen('whale-curve', 'scp_manager', '/odoo/whale-curve', '.o_scp_chart, .o_scp_empty'),
    Screen('value-dashboard', 'scp_manager', '/odoo/value-dashboard', '.o_scp_value_tiles, .o_scp_empty'),
    Screen('appraisals', 'scp_manager', '/odoo/appraisals'),
    Screen('appraisal-template', 'scp_manager',
           '/odoo/appraisal-templates/<crm_scp_analytics.scp_appraisal_template_demo>', '.o_form_view'),
    Screen('appraisal-points', 'scp_manager', '/odoo/appraisal-lines', '.o_graph_view'),
    Screen('customer-equity', 'scp_manager', '/odoo/customer-equity', '.o_scp_waterfall, .o_scp_empty'),
    Screen('cohorts', 'scp_manager', '/odoo/cohorts', '.o_scp_cohorts, .o_scp_empty'),
    Screen('grade-migration', 'scp_manager', '/odoo/grade-migration', '.o_scp_moves, .o_scp_empty'),
    Screen('forecast-accuracy', 'scp_manager', '/odoo/forecast-accuracy', '.o_scp_board h3'),
    Screen('value-forecast-models', 'scp_manager', '/odoo/value-forecast-models'),
    Screen('customer-profit', 'scp_manager', '/odoo/customer-profit'),
    Screen('promises', 'scp_manager', '/odoo/promises'),
    Screen('control-tower', 'scp_manager', '/odoo/control-tower', '.o_scp_tower'),
    Screen('delivery-performance', 'scp_manager', '/odoo/delivery-performance'),
    Screen('supplier', 'scp_manager', '/odoo/res.partner/<crm_scp_supply.supplier_bergmann>',
           '.o_form_view .o_notebook', 'scp_supplier_promises'),
    Screen('promise-ledger', 'scp_manager', '/odoo/promise-ledger'),
    Screen('relations', 'scp_manager', '/odoo/supply-relations'),
    Screen('scorecard-template', 'scp_manager',
           '/odoo/scorecard-templates/<crm_scp_supply.scp_scorecard_template_components>', '.o_form_view'),
    Screen('links-sent', 'scp_manager', '/odoo/links-sent'),
    Screen('share-policies', 'scp_manager', '/odoo/share-policies'),
    Screen('measures', 'scp_manager', '/odoo/customer-measures'),
    Screen('grades', 'scp_manager', '/odoo/scp-grades'),
    Screen('territories', 'scp_manager', '/odoo/territories'),
    Screen('stage-gate', 'scp_manager', '/odoo/action-crm.crm_stage_action/<crm.stage_lead3>', '.o_form_view'),
    Screen('compensations', 'scp_manager', '/odoo/compensations'),
    Screen('complaint-board', 'scp_manager', '/odoo/complaint-board', '.o_scp_tiles'),
    Screen('complaint-analysis', 'scp_manager', '/odoo/complaint-analysis'),
    Screen('clock-analysis', 'scp_manager', '/odoo/clock-analysis'),
    # quality engineer and auditor
    _partner('customer-service', 'scp_quality', 'scp_service'),
    _complaint('complaint-causes', 'scp_quality', 'causes'),
    _complaint('complaint-8d', 'scp_quality', 'eight_d'),
    _complaint('complaint-goods', 'scp_quality', 'goods', 'crm_scp_supply.scp_complaint_steam_valve'),
    Screen('complaints-by-delivery', 'scp_quality', '/odoo/complaints-by-delivery'),
    Screen('recall', 'scp_quality', '/odoo/recalls/<crm_scp_supply.scp_recall_packing>', '.o_form_view .o_notebook',
           'customers'),
    Screen('recalls', 'scp_quality', '/odoo/recalls'),
    Screen('certificate', 'scp_quality', '/odoo/certificates/<crm_scp_supply.scp_certificate_sealtech>',
           '.o_form_view'),
    Screen('certificates', 'scp_quality', '/odoo/certificates'),
    Screen('certificate-requirements', 'scp_quality', '/odoo/certificate-requirements'),
    Screen('reported-by-others', 'scp_quality', '/odoo/epcis-events'),
    Screen('life-event-rules', 'scp_quality', '/odoo/life-event-rules'),
    Screen('mass-balance', 'scp_quality', '/odoo/mass-balance/<crm_scp_supply.scp_balance_account_polymer>',
           '.o_form_view'),
    Screen('mass-balance-ledger', 'scp_quality', '/odoo/mass-balance-ledger'),
    Screen('certificate-propagation', 'scp_quality', '/odoo/certificate-propagation'),
    Screen('supplier-claim', 'scp_quality', '/odoo/supplier-claims/<crm_scp_supply.scp_supplier_claim_sealtech>',
           '.o_form_view .o_notebook', 'split'),
    Screen('supplier-claims', 'scp_quality', '/odoo/supplier-claims'),
    Screen('trace', 'scp_quality', '/odoo/lots/<crm_scp_supply.lot_vr_0417>/trace', '.o_scp_trace'),
    Screen('complaint-actions', 'scp_quality', '/odoo/complaint-actions'),
    Screen('solutions', 'scp_quality', '/odoo/solutions'),
    Screen('recurrences', 'scp_quality', '/odoo/recurrences'),
    Screen('clocks', 'scp_leader', '/odoo/complaint-clocks'),
    Screen('agreements', 'scp_manager', '/odoo/service-agreements'),
    Screen('lead-log', 'scp_auditor', '/odoo/lead-log'),
    Screen('promise-ledger', 'scp_auditor', '/odoo/promise-ledger'),
    # finance and logistics, without a role in the application
    _partner('customer', 'scp_accountant'),
    _partner('customer-money', 'scp_accountant', 'scp_money'),
    _complaint('complaint-costs', 'scp_accountant', 'costs'),
    Screen('customer-profit', 'scp_accountant', '/odoo/customer-profit'),
    Screen('claim-recovery', 'scp_accountant', '/odoo/claim-recovery'),
    Screen('recall', 'scp_accountant', '/odoo/recalls/<crm_scp_supply.scp_recall_packing>', '.o_form_view .o_notebook'),
    Screen('customer-days', 'scp_accountant', '/odoo/customer-days'),
    _partner('customer', 'scp_warehouse'),
    Screen('promises', 'scp_warehouse', '/odoo/promises'),
    Screen('exceptions', 'scp_warehouse', '/odoo/supply-exceptions'),
    Screen('trace', 'scp_warehouse', '/odoo/lots/<crm_scp_supply.lot_sv_0119>/trace', '.o_scp_trace'),
    Screen('certificates', 'scp_buyer', '/odoo/certificates'),
    Screen('scorecards', 'scp_buyer', '/odoo/scorecards'),
    Screen('scorecard', 'scp_buyer', '/odoo/scorecards/<crm_scp_supply.scp_scorecard_weihai>', '.o_form_view'),
    Screen('scorecard-disputes', 'scp_buyer', '/odoo/scorecard-disputes'),
    Screen('supply-concentration', 'scp_buyer', '/odoo/supply-concentration', '.o_kanban_view'),
    Screen('control-tower', 'scp_buyer', '/odoo/control-tower', '.o_scp_tower'),
    Screen('trace-supplier', 'scp_buyer',
           '/odoo/res.partner/<crm_scp_supply.supplier_sealtech>/trace-supplier', '.o_scp_trace'),
    Screen('delivery-performance', 'scp_buyer', '/odoo/delivery-performance'),
    Screen('purchase-order', 'scp_buyer', '/odoo/purchase/<crm_scp_supply.purchase_order_weihai>', '.o_form_view'),
    # portal
    _portal('scp_supplier'),
    _portal('scp_distributor'),
    _portal('scp_customer'),
    Screen('supply-orders', 'scp_supplier', '/my/supply/purchases', '.o_scp_portal_supply'),
    Screen('supply-order', 'scp_supplier', '/my/supply/purchases/<crm_scp_supply.purchase_order_weihai>',
           '.o_scp_portal_purchase'),
    Screen('supply-certificates', 'scp_supplier', '/my/supply/certificates', '.o_scp_portal_certificates'),
    Screen('supply-scorecards', 'scp_supplier', '/my/supply/scorecards', '.o_scp_portal_supply'),
    Screen('supply-scorecard', 'scp_supplier', '/my/supply/scorecards/<crm_scp_supply.scp_scorecard_weihai>',
           '.o_scp_portal_scorecard'),
    Screen('supply-claim', 'scp_supplier', '/my/supply/claims/<crm_scp_supply.scp_supplier_claim_weihai>',
           '.o_scp_portal_claim'),
    Screen('deliveries', 'scp_distributor', '/my/supply/orders', '.o_scp_portal_supply'),
    Screen('delivery', 'scp_distributor', '/my/supply/orders/<crm_scp_supply.sale_order_yuanli>',
           '.o_scp_portal_sale'),
    Screen('delivery', 'scp_customer', '/my/supply/orders/<crm_scp_supply.sale_order_rheintal>',
           '.o_scp_portal_sale'),
    Screen('recalls', 'scp_customer', '/my/supply/recalls', '.o_scp_portal_supply'),
    Screen('complaints', 'scp_customer', '/my/complaints', '.o_scp_portal_complaints'),
    Screen('complaint', 'scp_customer', '/my/complaints/<crm_scp_core.scp_complaint_rheintal_44_closed>',
           '.o_scp_portal_complaint'),
    Screen('complaint-new', 'scp_customer', '/my/complaints/new', '.o_scp_portal_new'),
)

CDNOW_CUSTOMER = 'cdnow.customer'  # stands for the most valuable of its customers

#: what customer value is about, the same on the demo story and on the history of CDNOW
VALUE_SCREENS = tuple(screen for screen in SCREENS if screen.login == 'scp_manager' and screen.name in {
    'customers', 'customers-by-grade', 'customer-7p', 'value-scores', 'value-dashboard', 'customer-equity', 'cohorts',
    'grade-migration', 'forecast-accuracy', 'whale-curve', 'customer-profit', 'appraisals', 'segment-rule',
    'segment-profiles',
}) + (Screen('customers-at-risk', 'scp_manager', '/odoo/customers-at-risk'),)


@dataclass(frozen=True)
class Album:
    """Pictures taken in one language and one company.

    :param suffix: of their names
    :param language: code of the language the users work in
    :param company: name of the company they work in, by default their own
    """

    suffix: str
    screens: tuple[Screen, ...]
    language: str = 'en_US'
    company: str = ''


DEMO_VALUE = (*VALUE_SCREENS, _partner('customer-value', 'scp_manager', 'scp_value'))
# no appraisal and no segment was set up for them
CDNOW_VALUE = (
    *(screen for screen in VALUE_SCREENS if not screen.name.startswith(('appraisals', 'segment', 'cohorts'))),
    # all of them began in three months, a year and a half ago
    Screen('cohorts', 'scp_manager', '/odoo/cohorts', '.o_scp_cohorts, .o_scp_empty', choice=('select >> nth=2', '24')),
    Screen('customer-value', 'scp_manager', f'/odoo/res.partner/<{CDNOW_CUSTOMER}>', '.o_form_view .o_notebook',
           'scp_value'),
)
ALBUMS = (
    Album('', SCREENS),
    Album('-zh_CN', DEMO_VALUE, 'zh_CN'),
    Album('-cdnow', CDNOW_VALUE, company=cdnow_recent.COMPANY),
    Album('-cdnow-zh_CN', CDNOW_VALUE, 'zh_CN', cdnow_recent.COMPANY),
)
