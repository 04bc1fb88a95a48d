from datetime import timedelta
from typing import NamedTuple

from odoo import models


class Outcome(NamedTuple):
    """Why a deal was won, against whom, and when to come back to a customer lost.

    ``price_gap`` in per cent above the competitor; ``revisit`` in days from today.
    """

    reason: str = ''
    rival: str = ''
    price_gap: float = 0.0
    revisit: int = 0


OUTCOMES = {
    # Won
    'rheintal_reactor': Outcome('quality', 'norpump', 6.0),
    'rheintal_tankfarm': Outcome('quality', 'norpump', 4.5),
    'rheintal_service': Outcome('relation'),
    'hengtai_cracker': Outcome('price', 'delta_flow', -3.0),
    'hengtai_frame': Outcome('relation', 'delta_flow', 2.0),
    'yuanli_stock': Outcome('delivery'),
    'yuanli_actuators': Outcome('quality', 'actuon', 8.0),
    'gulfport_shutdown': Outcome('delivery', 'norpump', 5.0),
    'titan_pumps': Outcome('price', 'norpump', -11.0),
    'titan_renewal': Outcome('price', 'delta_flow', -9.5),
    'nordvatten_intake': Outcome('quality', 'delta_flow', 7.0),
    'sakuragi_vacuum': Outcome('relation'),
    'delmar_cip': Outcome('quality'),
    'kowalczyk_yard': Outcome('delivery', 'norpump', 3.0),
    'bayou_relief': Outcome('delivery'),
    'longhua_cleanroom': Outcome('quality', 'actuon', 4.0),
    'vandijk_return': Outcome('relation', 'norpump', 6.0),
    'aquanova_season': Outcome('delivery', 'delta_flow', 5.5),
    'dublin_pilot': Outcome('quality'),
    # Lost
    'ostsee_revamp': Outcome(rival='norpump', price_gap=12.0),
    'lacroix_frame': Outcome(rival='delta_flow', price_gap=18.0, revisit=45),
    'adriatica_polymer': Outcome(rival='delta_flow', price_gap=14.0, revisit=20),
    'adriatica_frame': Outcome(rival='delta_flow', price_gap=16.5),
    'bluepeak_dewatering': Outcome(rival='norpump', price_gap=-2.0),
    'haifeng_ferry': Outcome(rival='actuon', price_gap=6.0),
    'castilla_desal': Outcome(revisit=90),
    'summit_hospital': Outcome(rival='delta_flow', price_gap=21.0),
    'summit_stadium': Outcome(rival='delta_flow', price_gap=19.0),
    'karoo_slurry': Outcome(rival='norpump'),
    'fjord_rsw': Outcome(rival='norpump', price_gap=9.0, revisit=-3),
    'cascadia_tender': Outcome(rival='delta_flow', price_gap=24.0),
    'prospect_tagus': Outcome(rival='norpump', price_gap=7.0),
}

# Why deals moved on although a soft gate was not met; one is still to be answered
MOVE_REASONS = {
    'cascadia_tender': "Public tender: the offer was due within a week.",
    'prospect_tagus': "Offer to the engineering office, the buyer is not named yet.",
    'yuanli_actuators': "Repeat of the order of last year at the same terms.",
    'gulfport_shutdown': "The shutdown cannot wait, technical part agreed on site.",
    'kowalczyk_yard': "The yard had chosen us before the offer was out.",
    'sakuragi_vacuum': "Annual plan of the customer closes this month.",
}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    def _prepare_outcome_values(self, name):
        """Return what is known of a deal's end; nothing of deals the table does not name."""
        outcome = OUTCOMES.get(name, Outcome())
        values = {
            'scp_won_reason_id': outcome.reason and self._ref(f'scp_won_reason_{outcome.reason}').id,
            'scp_competitor_id': outcome.rival and self._ref(f'scp_competitor_{outcome.rival}').id,
            'scp_price_gap': outcome.price_gap,
            'scp_recoverable': bool(outcome.revisit),
            'scp_revisit_date':
                outcome.revisit and (self._moment(0) + timedelta(days=outcome.revisit)).date(),
        }
        return {fname: value for fname, value in values.items() if value}

    def _answer_gate(self, name, lead):
        """Say why a deal has moved on, where it missed a gate and the table knows a reason."""
        if name in MOVE_REASONS:
            lead.scp_gate_ids.filtered(lambda gate: not gate.reason).reason = MOVE_REASONS[name]
