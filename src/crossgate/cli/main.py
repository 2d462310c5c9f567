"""The program: finds the verb on the command line and hands over to its file.

Knows which verbs there are and the exit codes of the program itself; does not know what a verb does.
"""

import argparse
import sys
from collections.abc import Sequence

from crossgate.cli import check, cors_explain, cors_probe, demo, plan, rule, run, version

VERBS = (run, check, plan, rule, demo, version)
CORS_VERBS = (cors_explain, cors_probe)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; each verb's file adds its own part."""
    parser = argparse.ArgumentParser(
        prog="crossgate",
        description="An API gateway that runs KrakenD configuration files unchanged, with CORS as its speciality.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        verb.add_parser(verbs)
    cors = verbs.add_parser("cors", help="explain or probe what a browser makes of a server's CORS answers")
    cors_verbs = cors.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in CORS_VERBS:
        verb.add_parser(cors_verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns its exit code; 2 for a command line that makes no sense (argparse exits by itself)."""
    namespace = build_parser().parse_args(arguments)
    try:
        return int(namespace.handler(namespace))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`crossgate plan | head`): no fault, and nothing left to say.
        sys.stderr.close()
        return 141


if __name__ == "__main__":
    sys.exit(main())
