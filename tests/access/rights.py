"""Who may do what: the table the access tests hold the addons to. A new model needs a line here.

Reading a line: `'scp.grade': {'manager': 'rwcd', EMPLOYEES: 'r'}` says that a manager may read, write,
create and delete grades, that every other employee may read them, and that nobody else may do
anything. This is what the access lists grant; which *records* a role sees is decided by the record
rules, checked in `test_records.py` by `OWN_RECORDS` below.
"""

#: role -> groups of a user who has this role and no other
ROLES = {
    'salesperson': 'crm_scp_core.group_scp_user',
    'leader': 'crm_scp_core.group_scp_team',
    'manager': 'crm_scp_core.group_scp_manager',
    'quality': 'crm_scp_core.group_scp_quality',
    'auditor': 'crm_scp_core.group_scp_auditor',
    'accountant': 'account.group_account_invoice',
    'account reader': 'account.group_account_readonly',
    'warehouse': 'stock.group_stock_user',
    'buyer': 'purchase.group_purchase_user',
    'marketer': 'mass_mailing.group_mass_mailing_user',
    'employee': 'base.group_user',
    'portal': 'base.group_portal',
    'public': 'base.group_public',
}

#: people with two roles, which the rules of the wider one must serve
TWO_ROLES = {
    'seller who audits': 'crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    'seller who sees all': 'crm_scp_core.group_scp_user,sales_team.group_sale_salesman_all_leads',
}

SELLERS = ('salesperson', 'leader', 'manager')
FINANCE = ('accountant', 'account reader')
LOGISTICS = ('warehouse', 'buyer')
READERS = ('quality', 'auditor', *FINANCE)  # read what sales knows of a customer, without a role in sales
EMPLOYEES = (*SELLERS, 'quality', 'auditor', *FINANCE, *LOGISTICS, 'marketer', 'employee')

#: model -> role or roles -> letters of (r)ead, (w)rite, (c)reate, (d)elete; the letters of all
#: entries that name a role add up
RIGHTS = {
    # hub
    'scp.grade': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.customer': {SELLERS: 'rw', 'manager': 'c', READERS: 'r'},
    'scp.customer.measure': {SELLERS: 'r', READERS: 'r'},
    'scp.life.cycle.log': {SELLERS: 'r', READERS: 'r'},
    'scp.customer.refresh': {'manager': 'r', 'auditor': 'r'},
    # funnel
    'scp.lead.log': {SELLERS: 'r', 'auditor': 'r'},
    'scp.lead.visit.report': {SELLERS: 'r', 'auditor': 'r'},
    # complaint
    'scp.complaint': {SELLERS: 'rwc', 'manager': 'd', 'quality': 'rw', ('auditor', *FINANCE, 'portal'): 'r'},
    'scp.complaint.stage': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.complaint.category': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.complaint.cause': {EMPLOYEES: 'r', 'manager': 'wcd', 'quality': 'wc'},
    'scp.complaint.team': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.complaint.action': {SELLERS: 'rwc', 'manager': 'd', 'quality': 'rwcd', 'auditor': 'r'},
    'scp.complaint.cost': {SELLERS: 'rwc', 'manager': 'd', 'quality': 'rwc', ('auditor', *FINANCE): 'r'},
    'scp.territory': {SELLERS: 'r', 'manager': 'wcd', 'auditor': 'r'},
    'scp.forecast.submission': {SELLERS: 'rc', 'auditor': 'r'},
    'scp.target': {SELLERS: 'r', ('leader', 'manager'): 'wcd', 'auditor': 'r'},
    'scp.lead.gate': {SELLERS: 'rw', 'auditor': 'r'},
    'scp.competitor': {SELLERS: 'rwc', 'manager': 'd', 'auditor': 'r'},
    'scp.won.reason': {SELLERS: 'r', 'manager': 'wcd', 'auditor': 'r'},
    'scp.complaint.compensation': {SELLERS: 'rwc', 'manager': 'd', ('quality', 'auditor', *FINANCE): 'r'},
    'scp.authority': {SELLERS: 'r', 'manager': 'wcd', 'auditor': 'r'},
    'scp.sla.policy': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.sla.policy.line': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.escalation.level': {EMPLOYEES: 'r', 'manager': 'wcd'},
    'scp.sla.clock': {(*SELLERS, *READERS): 'r'},
    'scp.sla.event': {(*SELLERS, *READERS): 'r'},
    'scp.agreement': {SELLERS: 'rwc', 'manager': 'd', READERS: 'r'},
    'scp.complaint.report': {(*SELLERS, *READERS): 'r'},
    'scp.sla.clock.report': {(*SELLERS, *READERS): 'r'},
    'scp.complaint.recurrence': {'manager': 'rwd', 'quality': 'rw', 'auditor': 'r'},
    'scp.complaint.silent.report': {(*SELLERS, *READERS): 'r'},
    'scp.solution': {SELLERS: 'rwc', 'manager': 'd', 'quality': 'rwcd', 'auditor': 'r'},
    # value
    'scp.value.fact': {SELLERS: 'r', ('auditor', *FINANCE): 'r'},
    'scp.value.month': {SELLERS: 'r', ('auditor', *FINANCE): 'r'},
    'scp.value.profit.report': {SELLERS: 'r', ('auditor', *FINANCE): 'r'},
    'scp.value.fact.due': {'manager': 'r'},
    'scp.value.fact.credit': {'manager': 'r'},
    'scp.value.fact.refresh': {'manager': 'r', 'auditor': 'r'},
    'scp.value.run': {'manager': 'r', 'auditor': 'r'},
    'scp.value.choice': {'manager': 'r', 'auditor': 'r'},
    'scp.value.choice.trial': {'manager': 'r', 'auditor': 'r'},
    'scp.value.score': {SELLERS: 'r', READERS: 'r'},
    # affinity
    'scp.affinity.run': {('manager', 'auditor'): 'r'},
    'scp.affinity.pair': {(*SELLERS, 'auditor'): 'r'},
    'scp.affinity.suggestion': {(*SELLERS, 'auditor'): 'r'},
    # segment
    'scp.segment': {(*SELLERS, 'quality', 'auditor', 'marketer'): 'r', 'manager': 'wcd'},
    'scp.segment.member': {(*SELLERS, 'quality', 'auditor'): 'r'},
    # sevenp
    'scp.sevenp': {(*SELLERS, 'auditor'): 'r'},
    # appraisal
    'scp.appraisal.template': {(*SELLERS, 'auditor'): 'r', 'manager': 'wcd'},
    'scp.appraisal.criterion': {(*SELLERS, 'auditor'): 'r', 'manager': 'wcd'},
    'scp.appraisal': {(*SELLERS, 'auditor'): 'r', 'manager': 'wd'},
    'scp.appraisal.line': {(*SELLERS, 'auditor'): 'r'},
    # relation
    'scp.share.policy': {(*SELLERS, *READERS, *LOGISTICS): 'r', 'manager': 'wcd'},
    'scp.relation': {(*SELLERS, *READERS, *LOGISTICS): 'r', 'manager': 'wcd', 'buyer': 'wc'},
    'scp.value.model': {'manager': 'rwcd', 'auditor': 'r'},
    'scp.value.model.weight': {'manager': 'rwcd', 'auditor': 'r'},
    'scp.value.model.cutoff': {'manager': 'rwcd', 'auditor': 'r'},
    'scp.value.accuracy': {'manager': 'r', 'auditor': 'r'},
    'scp.value.override': {SELLERS: 'r', ('leader', 'manager'): 'c', 'auditor': 'r'},
    # promise
    'scp.promise': {SELLERS: 'r', 'auditor': 'r', FINANCE: 'r', LOGISTICS: 'r'},
    'scp.promise.report': {SELLERS: 'r', 'auditor': 'r', FINANCE: 'r', LOGISTICS: 'r'},
    'scp.promise.reason': {EMPLOYEES: 'r', 'manager': 'wcd'},
    # delivery
    'scp.delivery.fact': {SELLERS: 'r', 'auditor': 'r', FINANCE: 'r', LOGISTICS: 'r'},
    'scp.delivery.report': {SELLERS: 'r', 'auditor': 'r', FINANCE: 'r', LOGISTICS: 'r'},
    'scp.delivery.refresh': {('manager', 'auditor'): 'r'},
    'scp.exception': {(*SELLERS, 'quality', *LOGISTICS): 'rwc', ('auditor', *FINANCE): 'r'},
    'scp.delivery.queue': {('manager', 'auditor'): 'r'},
    # scorecard
    'scp.scorecard.template': {(*SELLERS, *READERS, 'buyer'): 'r', 'manager': 'wcd'},
    'scp.scorecard.criterion': {(*SELLERS, *READERS, 'buyer'): 'r', 'manager': 'wcd'},
    'scp.scorecard.standing': {(*SELLERS, *READERS, 'buyer'): 'r', 'manager': 'wcd'},
    'scp.scorecard': {(*SELLERS, 'quality', 'buyer'): 'rw', 'manager': 'd', ('auditor', *FINANCE): 'r'},
    'scp.scorecard.line': {(*SELLERS, 'quality', 'buyer'): 'rw', ('auditor', *FINANCE): 'r'},
    'scp.scorecard.dispute': {(*SELLERS, *READERS, 'buyer'): 'r'},
    'scp.scorecard.dispute.entry': {(*SELLERS, *READERS, 'buyer'): 'r'},
    'scp.scorecard.override': {('manager', *READERS, 'buyer'): 'r'},
    'scp.supply.base.report': {('manager', *READERS, 'buyer'): 'r'},
    'scp.supply.share.report': {('manager', *READERS, 'buyer'): 'r'},
    # trace
    'scp.complaint.cohort.report': {('manager', 'quality', 'auditor'): 'r'},
    'scp.recall': {(*SELLERS, *READERS, 'warehouse'): 'r', ('quality', 'manager'): 'wc', 'manager': 'd'},
    'scp.recall.customer': {(*SELLERS, *READERS, 'warehouse'): 'r', (*SELLERS, 'quality'): 'w'},
    'scp.recall.line': {(*SELLERS, *READERS, 'warehouse'): 'r', (*SELLERS, 'quality'): 'w'},
    'scp.recall.hold': {(*SELLERS, *READERS, 'warehouse'): 'r'},
    # claim
    'scp.supplier.claim': {('manager', *READERS, 'buyer'): 'r', ('manager', 'quality', 'buyer'): 'wc', 'manager': 'd'},
    'scp.supplier.claim.line': {('manager', *READERS, 'buyer'): 'r', ('manager', 'quality', 'buyer'): 'wcd'},
    'scp.supplier.claim.lot': {('manager', *READERS, 'buyer'): 'r'},
    'scp.supplier.claim.report': {('manager', *READERS, 'buyer'): 'r'},
    'scp.lot.passport': {(*SELLERS, 'quality', 'warehouse'): 'rwc', 'manager': 'd', 'auditor': 'r'},
    # epcis
    'scp.epcis.event': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', 'manager': 'd'},
    'scp.epcis.event.line': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', 'manager': 'd'},
    'scp.epcis.item': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('manager', 'quality', *LOGISTICS): 'w'},
    # life
    'scp.life.rule': {(*SELLERS, 'quality', 'auditor', 'warehouse'): 'r', ('manager', 'quality'): 'wc', 'manager': 'd'},
    'scp.life.event': {(*SELLERS, 'quality', 'auditor', 'warehouse'): 'r', (*SELLERS, 'quality'): 'w'},
    'scp.portal.link': {'manager': 'rd', 'auditor': 'r'},
    # certificate
    'scp.standard': {EMPLOYEES: 'r', ('quality', 'manager'): 'wc', 'manager': 'd'},
    'scp.certificate': {
        (*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('quality', 'manager'): 'wcd', 'buyer': 'wc',
    },
    'scp.certificate.requirement': {
        (*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('quality', 'manager'): 'wcd',
    },
    'scp.certificate.propagation.report': {('manager', *READERS, 'buyer'): 'r'},
    # balance
    'scp.balance.account': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('quality', 'manager'): 'wcd'},
    'scp.balance.factor': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('quality', 'manager'): 'wcd'},
    'scp.balance.entry': {(*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r'},
    'scp.balance.claim': {
        (*SELLERS, 'quality', 'auditor', *LOGISTICS): 'r', ('quality', 'manager', 'warehouse'): 'wcd',
    },
}

#: models whose records nobody changes or deletes, superuser included
IMMUTABLE = {
    'scp.lead.log',
    'scp.life.cycle.log',
    'scp.sla.event',
    'scp.forecast.submission',
    'scp.promise',
    'scp.scorecard.dispute.entry',
    'scp.scorecard.override',
    'scp.balance.entry',
}

#: model -> path to the owner: a salesperson sees his own records and those without owner
OWN_RECORDS = {
    'scp.customer': 'user_id',
    'scp.customer.measure': 'customer_id.user_id',
    'scp.life.cycle.log': 'customer_id.user_id',
    'scp.value.fact': 'customer_id.user_id',
    'scp.value.month': 'customer_id.user_id',
    'scp.value.profit.report': 'customer_id.user_id',
    'scp.value.score': 'customer_id.user_id',
    'scp.value.override': 'customer_id.user_id',
    'scp.affinity.suggestion': 'customer_id.user_id',
    'scp.segment.member': 'customer_id.user_id',
    'scp.sevenp': 'customer_id.user_id',
    'scp.lead.log': 'lead_id.user_id',
    'scp.lead.visit.report': 'lead_id.user_id',
    'scp.complaint': 'user_id',
    'scp.complaint.action': 'complaint_id.user_id',
    'scp.complaint.cost': 'complaint_id.user_id',
    'scp.lead.gate': 'lead_id.user_id',
    'scp.complaint.compensation': 'complaint_id.user_id',
    'scp.sla.clock': 'complaint_id.user_id',
    'scp.sla.event': 'complaint_id.user_id',
    'scp.agreement': 'user_id',
    'scp.relation': 'user_id',
    'scp.life.event': 'user_id',
    'scp.complaint.silent.report': 'customer_id.user_id',
    'scp.complaint.report': 'complaint_id.user_id',
    'scp.sla.clock.report': 'complaint_id.user_id',
}

#: models of ours a portal user may read at all, through a record rule for his group
PORTAL_MODELS = {'scp.complaint'}

#: fields of ours that portal users may read on models they can reach: model.field -> reason
PORTAL_FIELDS = {
    f'scp.complaint.{name}': "a customer follows the cases of his own company"
    for name in (
        'number', 'name', 'active', 'description', 'stage_id', 'state', 'received_at', 'acknowledged_at', 'decided_at',
        'resolved_at', 'closed_at', 'remedy_sought', 'public_remedy', 'public_decision', 'partner_id', 'company_id',
    )
}

#: models without own company field whose records belong to no company: model -> reason
COMPANYLESS = {
    'scp.value.fact.due': "the queue of a job over all companies: which customers, and nothing of them",
    'scp.value.fact.credit': "what a job over all companies has to look at: which order lines, and nothing of them",
    'scp.value.fact.refresh': "the run of a job over all companies: counts and times, no business data",
    'scp.customer.refresh': "the run of a job over all companies: counts and times, no business data",
    'scp.promise.reason': "a list of reasons to choose from, the same words in every company",
    'scp.delivery.refresh': "the run of a job over all companies: counts and times, no business data",
    'scp.delivery.queue': "ids of lines a job over all companies will look at, no business data",
    'scp.escalation.level': "one ladder for all companies; whom it leads to is set by company",
    'scp.complaint.stage': "the columns of one board, the same words in every company",
    'scp.complaint.category': "a list of subjects to choose from, the same in every company",
    'scp.complaint.cause': "a list of causes to choose from, the same in every company",
    'scp.won.reason': "a list of reasons to choose from, the same words in every company",
    'scp.standard': "a list of numbers to choose from, the same in every company",
    'scp.grade': "one scale of grades for the whole group of companies, so that they can be compared",
}

#: models of so few records that an index would only cost: model -> reason
FEW_RECORDS = {}

#: stored numbers that may be summed although their name sounds like a ratio: model.field -> reason
SUMMABLE = {}

#: links to records that know companies, without a check that the companies agree: model or
#: model.field -> reason
UNCHECKED_LINKS = {
    'scp.sla.clock': "written by one method from its complaint, its policy and their company",
    'scp.sla.event': "rows copy the links of the clock they report on, its company included",
    'scp.lead.log': "rows copy the links of the lead they report on, its company included",
    'scp.lead.gate': "its company is the deal's",
    'scp.promise': "rows copy the links of the order line they report on, its company included",
    'scp.value.fact': "written by one statement, its company is the customer's",
    'scp.value.month': "added up from days of its customer, their company is his",
    'scp.exception': "rows copy the links of the facts they follow from, their company included",
    'scp.delivery.fact': "rows copy the links of the promises they sum up, their company included",
    'scp.sevenp': "written by one statement from rows of its company",
    'scp.affinity.pair': "written by one statement from the orders of its company",
    'scp.affinity.suggestion': "written by one statement from the orders of its company",
    'scp.balance.entry': "appended by one method to an account, from moves of its company",
    'scp.portal.link': "its company is that of the order it opens",
    'scp.value.score': "written by a run for the customers whom it found in the facts of its company",
    'scp.customer.measure': "its company is the customer's",
}


def expected(model, role):
    """Return the letters `role` has on `model`, in the order read, write, create, delete."""
    letters = ''.join(
        granted for roles, granted in RIGHTS[model].items()
        if role == roles or isinstance(roles, tuple) and role in roles
    )
    return ''.join(letter for letter in 'rwcd' if letter in letters)
