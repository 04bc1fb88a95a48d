from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

STAGES = {
    'New': 'crm.stage_lead1',
    'Qualified': 'crm.stage_lead2',
    'Proposition': 'crm.stage_lead3',
    'Negotiation': 'crm_stage_negotiation',
}
LOST_REASONS = {
    'expensive': 'crm.lost_reason_1',
    'competitor': 'crm_lost_reason_competitor',
    'delivery': 'crm_lost_reason_delivery',
    'undecided': 'crm_lost_reason_no_decision',
}


class Deal(NamedTuple):
    """An opportunity and what became of it.

    ``created`` counts days before today, ``due`` the days from there to the expected closing.
    ``story`` lists what happened, each step as "day action [value]", the day counted from the
    creation: a stage by its name, ``amount N``, ``push N`` (closing moved by N days), ``owner
    LOGIN``, ``lost REASON``, ``reopened`` or ``won``.
    """

    name: str  # the end of the xml id
    customer: str  # its code, or the name of a company that is not a customer yet
    title: str
    amount: int
    created: int
    due: int
    story: str = ''


DEALS = [
    # Won
    Deal('rheintal_reactor', 'rheintal', "Reactor cooling loop, line 2", 168000, 470, 100,
         "9 Qualified, 34 Proposition, 70 Negotiation, 88 won"),
    Deal('rheintal_tankfarm', 'rheintal', "Tank farm extension", 240000, 330, 120,
         "12 Qualified, 40 Proposition, 66 amount 262000, 90 Negotiation, 112 won"),
    Deal('rheintal_service', 'rheintal', "Annual spares agreement", 96000, 190, 60,
         "6 Qualified, 22 Proposition, 47 won"),
    Deal('hengtai_cracker', 'hengtai', "Control valves for the cracker revamp", 310000, 500, 130,
         "14 Qualified, 45 Proposition, 80 Negotiation, 118 won"),
    Deal('hengtai_frame', 'hengtai', "Frame contract, second year", 420000, 240, 110,
         "10 Qualified, 38 Proposition, 75 push 20, 96 Negotiation, 121 won"),
    Deal('yuanli_stock', 'yuanli', "Distributor stock programme", 150000, 440, 80,
         "8 Qualified, 25 Proposition, 61 won"),
    Deal('yuanli_actuators', 'yuanli', "Actuator range for the channel", 88000, 210, 70,
         "7 Qualified, 30 Proposition, 52 Negotiation, 66 won"),
    Deal('gulfport_shutdown', 'gulfport', "Spring shutdown package", 205000, 410, 90,
         "10 Qualified, 33 Proposition, 58 Negotiation, 83 won"),
    Deal('titan_pumps', 'titan', "Pump price agreement", 260000, 480, 75,
         "5 Qualified, 15 Proposition, 30 amount 214000, 48 amount 158000, 62 won"),
    Deal('titan_renewal', 'titan', "Price agreement, renewal", 220000, 170, 60,
         "4 Qualified, 14 Proposition, 33 amount 141000, 55 won"),
    Deal('nordvatten_intake', 'nordvatten', "Raw water intake valves", 74000, 360, 90,
         "11 Qualified, 37 Proposition, 80 won"),
    Deal('sakuragi_vacuum', 'sakuragi', "Vacuum stations for coating line", 66000, 300, 100,
         "13 Qualified, 50 Proposition, 84 Negotiation, 97 won"),
    Deal('delmar_cip', 'delmar', "Cleaning-in-place dosing", 38000, 280, 60,
         "8 Qualified, 27 Proposition, 55 won"),
    Deal('kowalczyk_dealer', 'kowalczyk', "Dealer starter stock", 31000, 500, 40,
         "5 Qualified, 12 Proposition, 24 won"),
    Deal('kowalczyk_yard', 'kowalczyk', "Shipyard valve package", 92000, 95, 80,
         "9 Qualified, 31 Proposition, 60 Negotiation, 77 won"),
    Deal('bayou_relief', 'bayou', "Relief valve replacement", 47000, 260, 70,
         "10 Qualified, 29 Proposition, 64 won"),
    Deal('longhua_cleanroom', 'longhua', "Clean room vacuum, phase 1", 58000, 88, 60,
         "6 Qualified, 19 Proposition, 44 won"),
    Deal('vandijk_return', 'vandijk', "Back as a supplier: pump spares", 54000, 70, 50,
         "8 Qualified, 20 Proposition, 43 won"),
    Deal('aquanova_season', 'aquanova', "Irrigation season, pump stations", 118000, 230, 60,
         "7 Qualified, 21 Proposition, 50 won"),
    Deal('dublin_pilot', 'dublin', "Pilot plant dosing", 17000, 45, 40,
         "5 Qualified, 14 Proposition, 31 won"),
    Deal('tirola_dairy', 'tirola', "Dairy line conversion", 9000, 225, 40,
         "25 won"),
    Deal('jade_coldstore', 'jade', "Ammonia pump replacement", 12000, 103, 30,
         "4 Qualified, 20 won"),
    # Lost
    Deal('ostsee_revamp', 'ostsee', "Chlorine plant revamp", 180000, 450, 120,
         "15 Qualified, 48 Proposition, 95 push 45, 150 lost competitor"),
    Deal('lacroix_frame', 'lacroix', "Heating season frame order", 42000, 420, 60,
         "10 Qualified, 30 Proposition, 72 lost expensive"),
    Deal('adriatica_polymer', 'adriatica', "Polymer line 4", 195000, 290, 110,
         "9 Qualified, 41 Proposition, 88 Negotiation, 131 lost competitor"),
    Deal('adriatica_frame', 'adriatica', "Frame contract renewal", 230000, 200, 60,
         "12 Qualified, 28 Proposition, 55 push 30, 84 push 30, 118 lost competitor"),
    Deal('bluepeak_dewatering', 'bluepeak', "Pit dewatering pumps", 132000, 230, 90,
         "20 Qualified, 52 Proposition, 104 lost delivery"),
    Deal('huadong_plant', 'huadong', "Sewage works, package B", 98000, 340, 140,
         "18 Qualified, 70 Proposition, 128 push 60, 190 lost undecided"),
    Deal('haifeng_ferry', 'haifeng', "Ballast valves, two ferries", 86000, 150, 70,
         "8 Qualified, 26 Proposition, 68 lost competitor"),
    Deal('castilla_desal', 'castilla', "Desalination pilot", 58000, 310, 120,
         "25 Qualified, 118 lost undecided"),
    Deal('summit_hospital', 'summit', "Hospital chilled water", 64000, 260, 80,
         "10 Qualified, 27 Proposition, 71 lost expensive"),
    Deal('summit_stadium', 'summit', "Stadium plant room", 51000, 48, 60,
         "7 Qualified, 30 lost expensive"),
    Deal('karoo_slurry', 'karoo', "Slurry line valves", 39000, 180, 70,
         "15 Qualified, 40 Proposition, 82 lost delivery"),
    Deal('fjord_rsw', 'fjord', "Refrigerated sea water skids", 27000, 220, 60,
         "9 Qualified, 58 lost competitor"),
    Deal('santos_mill', 'santos', "Second milling tandem", 72000, 205, 90,
         "14 Qualified, 51 Proposition, 99 lost undecided"),
    Deal('cascadia_tender', 'cascadia', "District tender 14", 83000, 80, 45,
         "3 Proposition, 47 lost expensive"),
    Deal('prospect_baltic', "Baltic Desalination OÜ", "Seawater intake", 145000, 270, 100,
         "22 Qualified, 110 lost undecided"),
    Deal('prospect_tagus', "Tagus Celulose S.A.", "Bleach plant dosing", 44000, 175, 60,
         "12 Qualified, 35 Proposition, 69 lost competitor"),
    # Lost, and open again
    Deal('merlion_fleet', 'merlion', "Fleet sea chest valves", 69000, 250, 90,
         "10 Qualified, 35 Proposition, 85 lost undecided, 205 reopened, 215 push 190, 228 Negotiation"),
    Deal('pennine_brewhouse', 'pennine', "Brewhouse dosing skids", 33000, 160, 60,
         "8 Qualified, 24 Proposition, 63 lost expensive, 112 reopened, 115 amount 29500, 120 push 120"),
    Deal('monterrey_counter', 'monterrey', "Counter stock, north", 24000, 190, 50,
         "9 Qualified, 47 lost delivery, 150 reopened, 152 push 150, 171 Proposition"),
    # Open: negotiation
    Deal('rheintal_hydrogen', 'rheintal', "Hydrogen pilot, compressor cooling", 275000, 120, 140,
         "10 Qualified, 38 Proposition, 84 Negotiation"),
    Deal('hengtai_aromatics', 'hengtai', "Aromatics unit, control valves", 380000, 150, 165,
         "16 Qualified, 52 Proposition, 101 amount 415000, 131 Negotiation"),
    Deal('longhua_phase2', 'longhua', "Clean room vacuum, phase 2", 124000, 70, 85,
         "6 Qualified, 22 Proposition, 55 Negotiation"),
    Deal('bayou_caustic', 'bayou', "Caustic unit valves", 58000, 95, 105,
         "9 Qualified, 33 Proposition, 78 Negotiation"),
    # Open: proposition
    Deal('nordvatten_uv', 'nordvatten', "UV plant valve galleries", 92000, 100, 130,
         "14 Qualified, 47 Proposition"),
    Deal('kowalczyk_offshore', 'kowalczyk', "Offshore substation cooling", 134000, 85, 120,
         "11 Qualified, 39 Proposition"),
    Deal('gulfport_turnaround', 'gulfport', "Autumn turnaround", 230000, 110, 90,
         "9 Qualified, 35 Proposition, 80 push 30, 104 push 30"),
    Deal('adriatica_winback', 'adriatica', "Win-back: valves for line 2", 88000, 45, 75,
         "6 Qualified, 24 Proposition"),
    Deal('summit_airport', 'summit', "Airport terminal plant room", 76000, 90, 70,
         "12 Qualified, 36 Proposition, 66 push 25, 88 push 30"),
    Deal('yuanli_taichung', 'yuanli', "Taichung science park", 165000, 80, 110,
         "8 Qualified, 30 Proposition"),
    Deal('wanhe_line3', 'wanhe', "Bottling line 3", 41000, 75, 100,
         "10 Qualified, 43 Proposition"),
    Deal('titan_europe', 'titan', "Roll-out to three plants", 310000, 60, 90,
         "5 Qualified, 12 Proposition, 41 amount 262000"),
    Deal('prairie_still', 'prairie', "Still bottoms pumps", 29000, 130, 60,
         "15 Qualified, 38 Proposition, 58 push 30, 86 push 30, 117 push 40"),
    Deal('shenyuan_fill', 'shenyuan', "Sterile fill dosing", 63000, 105, 110,
         "18 Qualified, 60 Proposition, 92 Qualified"),
    # Open: qualified
    Deal('delmar_evaporator', 'delmar', "Evaporator feed pumps", 54000, 50, 100,
         "13 Qualified"),
    Deal('sakuragi_press', 'sakuragi', "Press shop vacuum", 47000, 62, 120,
         "20 Qualified"),
    Deal('hanguk_lng', 'hanguk', "LNG terminal control valves", 148000, 88, 200,
         "27 Qualified, 70 amount 172000"),
    Deal('vandijk_polder', 'vandijk', "Polder pumping station", 112000, 40, 120,
         "9 Qualified"),
    Deal('helvetia_pilot', 'helvetia', "Fine chemicals pilot", 36000, 55, 80,
         "18 Qualified"),
    Deal('aquanova_reservoir', 'aquanova', "Reservoir refurbishment", 97000, 140, 120,
         "31 Qualified, 118 push 60"),
    Deal('vindhya_ethanol', 'vindhya', "Ethanol unit pumps", 71000, 48, 110,
         "22 Qualified"),
    Deal('lakeshore_stock', 'lakeshore', "Stock preparation valves", 33000, 115, 60,
         "25 Qualified"),
    Deal('huadong_leachate', 'huadong', "Leachate treatment", 52000, 66, 130,
         "30 Qualified, 44 owner scp_manager"),
    Deal('cascadia_retrofit', 'cascadia', "Pump house retrofit", 61000, 36, 90,
         "12 Qualified"),
    # Open: new
    Deal('dublin_scaleup', 'dublin', "Scale-up, building C", 82000, 18, 120),
    Deal('liyang_panel', 'liyang', "Panel builder programme", 19000, 12, 60),
    Deal('jade_second', 'jade', "Second cold store", 26000, 9, 90),
    Deal('maple_recovery', 'maple', "Recovery boiler valves", 44000, 27, 100),
    Deal('tirola_cheese', 'tirola', "Cheese cellar cooling", 15000, 6, 70),
    Deal('merlion_scrubber', 'merlion', "Exhaust scrubber pumps", 57000, 21, 110),
    Deal('prospect_hokkai', "Hokkai Breweries 北海醸造", "Fermentation cellar valves", 39000, 15, 90),
    Deal('prospect_andes', "Andes Litio SpA", "Brine transfer pumps", 210000, 24, 180),
    Deal('prospect_jiangnan', "Jiangnan Dyeing 江南印染", "Dye kitchen dosing", 28000, 33, 80,
         "26 Qualified"),
    Deal('prospect_norrland', "Norrland Biokraft AB", "Biogas upgrading valves", 66000, 4, 100),
]
# Who looks after companies that are no customers yet
PROSPECT_OWNERS = {'prospect_hokkai': 'scp_sales_asia', 'prospect_jiangnan': 'scp_sales_asia'}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_opportunities(self):
        """Replay the deals day by day, each step by the salesperson who took it.

        The lead log and the chatter are written by these steps as they are in daily work.
        """
        steps = defaultdict(list)
        for deal in DEALS:
            steps[deal.created].append((deal, 'create', ''))
            for step in deal.story.split(", ") if deal.story else ():
                day, action, value = f"{step} ".split(" ", 2)
                steps[deal.created - int(day)].append((deal, action, value.strip()))
        leads = {}
        for days_ago in sorted(steps, reverse=True):
            for deal, action, value in steps[days_ago]:
                # one by one: the chatter of a transaction has one author
                with self._at(self._moment(days_ago, hour=7 + days_ago % 10)):
                    if action == 'create':
                        leads[deal.name] = self._create_opportunity(deal)
                    else:
                        self._apply_step(deal.name, leads[deal.name], action, value)
        self._name_opportunities(leads)
        self._backdate_messages(leads.values())
        self._link_orders(leads.values())

    def _create_opportunity(self, deal):
        partner = self.env.ref(f'crm_scp_core.partner_{deal.customer}', raise_if_not_found=False)
        owner = (
            partner.user_id if partner
            else self._ref(f"user_{PROSPECT_OWNERS.get(deal.name, 'scp_sales')}")
        )
        return self._as_user(self.env['crm.lead'], owner).create({
            'name': deal.title,
            'type': 'opportunity',
            'partner_id': partner and partner.id,
            'partner_name': partner.name if partner else deal.customer,
            'expected_revenue': deal.amount,
            'date_deadline': (self.env.cr.now() + timedelta(days=deal.due)).date(),
            'user_id': owner.id,
            'team_id': owner.sale_team_id.id,
            'company_id': self.env.ref('base.main_company').id,
            'stage_id': self._ref(STAGES['New']).id,
        })

    def _apply_step(self, name, lead, action, value):
        lead = self._as_user(lead, lead.user_id)
        match action:
            case 'amount':
                lead.expected_revenue = float(value)
            case 'push':
                lead.date_deadline += timedelta(days=int(value))
            case 'owner':
                owner = self._ref(f'user_{value}')
                self._as_user(lead, owner).user_id = owner
            case 'won':
                lead.action_set_won()
                lead.write({
                    **self._prepare_outcome_values(name), 'date_closed': self.env.cr.now()})
            case 'lost':
                lead.action_set_lost(
                    lost_reason_id=self._ref(LOST_REASONS[value]).id,
                    **self._prepare_outcome_values(name),
                )
                lead.date_closed = self.env.cr.now()
            case 'reopened':
                lead.action_restore()
            case _:
                lead.stage_id = self._ref(STAGES[action])
                self._answer_gate(name, lead)

    def _as_user(self, records, user):
        """Work as a user, whom no mail is sent about his own past."""
        return records.with_user(user).with_context(mail_auto_subscribe_no_notify=True)

    def _name_opportunities(self, leads):
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_core.crm_lead_{name}', 'record': lead.sudo(), 'noupdate': True}
            for name, lead in leads.items()
        ])

    def _backdate_messages(self, leads):
        """Date the chatter like what it tells of: messages always take the time of the clock."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """UPDATE mail_message
                  SET date = create_date
                WHERE model = 'crm.lead' AND res_id = ANY(%s)""",
            [lead.id for lead in leads],
        ))
        self.env['mail.message'].invalidate_model(['date'])

    def _link_orders(self, leads):
        """Link a deal won to the order that followed, an open one to the quotation."""
        orders = self.env['sale.order'].search([
            ('partner_id', 'child_of', self._get_customers().ids),
        ], order='date_order, id')
        for lead in leads:
            order = orders.filtered_domain([
                ('opportunity_id', '=', False), *self._get_order_domain(lead.sudo()),
            ])[:1]
            order.with_context(tracking_disable=True).opportunity_id = lead.id

    def _get_order_domain(self, lead):
        domain = [('partner_id.commercial_partner_id', '=', lead.partner_id.id)]
        if lead.won_status == 'won':
            return [*domain, ('state', '=', 'sale'), ('date_order', '>=', lead.date_closed)]
        if lead.won_status == 'pending':
            return [*domain, ('state', 'in', ['draft', 'sent'])]
        return [(0, '=', 1)]
