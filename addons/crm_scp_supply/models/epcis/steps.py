from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
#: steps of the Core Business Vocabulary in words; others are named by themselves
STEP_NAMES = {
    'accepting': _lt("Accepted"), 'arriving': _lt("Arrived"), 'assembling': _lt("Assembled"),
    'commissioning': _lt("Made"), 'decommissioning': _lt("Withdrawn"), 'destroying': _lt("Destroyed"),
    'disassembling': _lt("Taken apart"), 'inspecting': _lt("Inspected"), 'installing': _lt("Built in"),
    'packing': _lt("Packed"), 'receiving': _lt("Received"), 'removing': _lt("Taken out"),
    'repairing': _lt("Repaired"), 'retail_selling': _lt("Sold"), 'shipping': _lt("Shipped"),
    'storing': _lt("Stored"), 'transporting': _lt("On its way"), 'unpacking': _lt("Unpacked"),
}


def get_step_name(step: str) -> str:
    """A step in the language of the reader: of the vocabulary, else the end of its address."""
    step = step.rstrip('/').rsplit('/', 1)[-1].rsplit(':', 1)[-1]
    return str(STEP_NAMES[step]) if step in STEP_NAMES else step.replace('_', ' ').capitalize()
