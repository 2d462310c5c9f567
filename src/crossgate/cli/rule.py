"""`crossgate rule`: explains one diagnostic code, or lists them all; reason codes of refusals, too."""

import argparse
import sys
from difflib import get_close_matches
from typing import Any

from crossgate.cli.reason_pages import reason_page
from crossgate.cli.rule_pages import index_text, page_text
from crossgate.components.all_reasons import all_reasons
from crossgate.diagnostics.codes import CODES

_LOOK_ALIKE = str.maketrans("OIL", "011")


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "rule",
        help="explain one diagnostic code",
        description="Explain one diagnostic code, as it stands in `warning[COR301]`, or the reason code of a refusal,"
        " as it stands in the access log. Without a code, list all diagnostic codes.",
    )
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="such as COR301 or token.expired; letter case does not matter"
    )
    parser.set_defaults(handler=explain)


def explain(arguments: argparse.Namespace) -> int:
    """Print the page of a code, or the list of codes. 2 if there is no such code."""
    if arguments.code is None:
        print(index_text())
        return 0
    reason = all_reasons().get(arguments.code.strip().lower())
    if reason is not None:
        print(reason_page(reason))
        return 0
    code = arguments.code.strip().upper()
    if code in CODES:
        print(page_text(code))
        return 0
    close = get_close_matches(code[:3] + code[3:].translate(_LOOK_ALIKE), list(CODES), n=1, cutoff=0.6)
    meant = f"; did you mean {close[0]}?" if close else "; `crossgate rule` lists all codes"
    print(f"crossgate rule: there is no code {arguments.code!r}{meant}", file=sys.stderr)
    return 2
