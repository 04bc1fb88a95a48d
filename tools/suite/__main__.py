"""Entry point. Kept in the syntax of any Python 3, so that a wrong version gets a sentence."""
import sys

if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "error: Odoo 19 needs Python 3.10 to 3.13, this is %d.%d.\n"
        "  remedy: install one of them and name it, e.g. make run PYTHON=python3.11"
        % sys.version_info[:2]
    )

from suite.cli import main  # noqa: E402 - only importable from here on

sys.exit(main())
