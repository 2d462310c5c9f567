"""`crossgate cors probe`: ask a live server, any server, what a browser would ask, and say what becomes of it."""

import argparse
import ssl
from typing import Any

import crossgate
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.cors_report import show
from crossgate.cli.cors_request import Asked, add_request_arguments, read_requests, usage_error
from crossgate.cli.cors_verdict import LocatedFix, Verdict
from crossgate.cors.advice import Fix, advise, allow_in_policy, in_capitals, leave_out, set_once
from crossgate.cors.judge import Judgement, judge
from crossgate.probe import ProbeClient, ProbeLimits
from crossgate.probe.refused_part import RefusedPart, find_refused_part
from crossgate.probe.url_standard import parse_standard_url

MAX_PROBED_REQUESTS = 10


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "probe",
        help="ask a live server what a browser would ask",
        description="Sends a preflight where a browser would, then the request itself (without a body), to any server. "
        "A preflight that is refused without a word is sent again with parts left out, to name the refused one. "
        "Exit code 0: the page may read the response. 3: it may not. 2: the command line makes no sense.",
    )
    parser.add_argument("url", metavar="URL", nargs="?", default="", help="the URL that the script fetches")
    add_request_arguments(parser)
    parser.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="for the whole probe (30)")
    parser.add_argument("-k", "--insecure", action="store_true", help="take any certificate, which no browser does")
    parser.add_argument("--ca-file", metavar="FILE", help="trust the authorities in this PEM file")
    parser.set_defaults(handler=probe)


def probe(namespace: argparse.Namespace) -> int:
    """The verb's exit code."""
    try:
        _check_authorities(namespace.ca_file)
        asked = read_requests(namespace)[:MAX_PROBED_REQUESTS]
        return show([_verdict(namespace, one) for one in asked], namespace.format, verbose=namespace.verbose)
    except UsageError as error:
        return usage_error(error)


def _verdict(namespace: argparse.Namespace, asked: Asked) -> Verdict:
    limits = ProbeLimits(total_seconds=namespace.timeout, request_seconds=min(10.0, namespace.timeout))
    client = ProbeClient(
        f"crossgate/{crossgate.__version__} (cors probe)",
        limits,
        verify=not namespace.insecure,
        ca_file=namespace.ca_file,
        cookie=asked.cookie,
    )
    judgement = judge(asked.request, client, client.begin, parse_standard_url)
    notes = list(asked.notes)
    if asked.request.has_body:
        notes.append("The probe sends no body.")
    refused = find_refused_part(judgement.primary, client)
    because = "" if refused is None else refused.sentence
    return Verdict(judgement, _fixes(judgement, refused), tuple(notes), because, refused=refused)


def _fixes(judgement: Judgement, refused: RefusedPart | None) -> tuple[LocatedFix, ...]:
    request = judgement.primary.request
    needed: list[Fix] = []
    instead: list[Fix] = []
    match refused:
        case RefusedPart(part="method", names=names):
            needed, instead = allow_in_policy(names, (), request.origin), in_capitals(names[0])
        case RefusedPart(part="headers", names=names):
            needed, instead = allow_in_policy((), names, request.origin), [leave_out(names)]
        case RefusedPart(part="method-and-headers", names=(method, *names)):
            needed = allow_in_policy((method,), tuple(names), request.origin)
        case RefusedPart(part="headers-together", names=names) if len(names) < 2:
            needed = [set_once(names)]
        case _:
            return tuple(LocatedFix(fix, alternative=number > 0) for number, fix in enumerate(advise(judgement)))
    return (*map(LocatedFix, needed), *(LocatedFix(fix, alternative=True) for fix in instead))


def _check_authorities(path: str | None) -> None:
    if path is None:
        return
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        raise UsageError(f"{path} is no file of certificates in PEM form") from None


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text} is no time: more than 0 and at most 600 seconds")
    return seconds
