"""Reading Odoo's log for complaints."""

import re

_RECORD = re.compile(r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<text>.*)$')
_LOUD = {'WARNING', 'ERROR', 'CRITICAL'}

#: what Odoo itself warns about on an ordinary machine, whatever the addons: (pattern, reason)
STOCK_NOISE = (
    (r'odoo\.tools\.config: missing --http-interface', "an option of the command line"),
    (r'odoo\.addons\.base\.models\.ir_mail_server', "no mail server is configured in a test database"),
)


def complaints(text, excused=STOCK_NOISE):
    """Return the records of level WARNING or above, each with the lines that belong to it.

    Nothing is filtered by the name of the logger: the log of a start that only loads our addons
    is ours to keep clean, even where another addon's code is what notices the fault.
    """
    records, current = [], None
    for line in text.splitlines():
        match = _RECORD.match(line)
        if match:
            current = None
            if match['level'] in _LOUD and not any(re.search(pattern, line) for pattern, _reason in excused):
                current = [f"{match['level']} {match['text']}"]
                records.append(current)
        elif current is not None:
            current.append(line)
        elif line.startswith('Traceback '):
            current = [line]  # of a process that died before it had a logger
            records.append(current)
    return ['\n'.join(record) for record in records]
