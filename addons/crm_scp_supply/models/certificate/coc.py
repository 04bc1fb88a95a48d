"""Chain-of-custody models of ISO 22095, strictest first. No Odoo in here."""

IDENTITY, SEGREGATED, BLENDING, BALANCE, CLAIM = 'identity', 'segregated', 'blending', 'balance', 'claim'

MODELS = [
    (IDENTITY, "Identity Preserved"),
    (SEGREGATED, "Segregated"),
    (BLENDING, "Controlled Blending"),
    (BALANCE, "Mass Balance"),
    (CLAIM, "Book and Claim"),
]
#: a requirement accepts the model it names and every stricter one
ORDER = [model for model, _label in MODELS]
