"""What to change so that a blocked request passes, and what that costs in security: advice for any server.

In terms of response headers and of the page's script. Knows no configuration; `remedy.py` does.
"""

from dataclasses import dataclass

from crossgate.cors.fetch import OPAQUE_ORIGIN, Check, FetchRequest, Step, WireResponse
from crossgate.cors.fetch.url import loopback_host, potentially_trustworthy
from crossgate.cors.judge import Judgement


@dataclass(frozen=True, slots=True)
class Fix:
    """One change and its price. `key` and `item` say where in a CORS configuration it is, if it is there at all.

    `in_page` marks a change of the page's script, which leaves the server as it is.
    """

    change: str
    cost: str
    key: str = ""
    item: int | None = None
    in_page: bool = False


FREE = "Costs nothing in security."


def cost_of_origin(origin: str, *, with_credentials: bool) -> str:
    """What it means to allow an origin."""
    act = " in the name of the users who visit it, with their cookies" if with_credentials else ""
    if origin == OPAQUE_ORIGIN:
        return (
            f"Every website can make itself the origin null with a sandboxed frame: any can then read it{act}. Give "
            "the page an origin of its own instead."
        )
    if not potentially_trustworthy(origin):
        return (
            f"Pages of {origin} can read it{act}. They come over plain http: whoever controls a network on the way can "
            "put a script into them. Serve the page over https."
        )
    if loopback_host(origin.partition("://")[2]):
        return f"Whatever runs at {origin} on a visitor's machine can read it{act}: for development only."
    return f"Every script on {origin} can read it{act}, also one that an attacker finds a way to put there."


def advise(judgement: Judgement) -> tuple[Fix, ...]:
    """What could be changed, best first. Empty where the request is allowed."""
    if judgement.allowed:
        return ()
    check = judgement.decided_by
    request = judgement.primary.request
    origin = _asking_origin(judgement)
    return tuple(_by_step(check, request, origin, _last_status(judgement)))


def _asking_origin(judgement: Judgement) -> str:
    """The Origin of the last request sent: redirects can have turned it into null."""
    exchanges = judgement.primary.exchanges
    for name, value in exchanges[-1].request.fields if exchanges else ():
        if name == b"origin":
            return value.decode("latin-1")
    return judgement.primary.request.origin


def _last_status(judgement: Judgement) -> int:
    exchanges = judgement.primary.exchanges
    response = exchanges[-1].response if exchanges else None
    return response.status if isinstance(response, WireResponse) else 0


def _by_step(check: Check, request: FetchRequest, origin: str, status: int) -> list[Fix]:
    match check.step:
        case Step.ALLOW_ORIGIN | Step.PREFLIGHT_ALLOW_ORIGIN:
            return _allow_origin(check, request, origin, status)
        case Step.ALLOW_CREDENTIALS | Step.PREFLIGHT_ALLOW_CREDENTIALS:
            cost = f"The server then trusts {origin} with its users' cookies. Do it for origins listed by name only."
            return [Fix("Answer with `Access-Control-Allow-Credentials: true`.", cost), without_credentials()]
        case Step.PREFLIGHT_STATUS:
            return [Fix("Answer the preflight (OPTIONS) with status 204, before authentication and routing.", FREE)]
        case Step.PREFLIGHT_REDIRECT:
            change = "Call the final URL (scheme, host, trailing slash), or have the server answer OPTIONS itself."
            return [Fix(change, FREE)]
        case Step.PREFLIGHT_ALLOW_METHODS if check.subject:
            cost = f"Pages of {origin} can then cause {check.subject} requests: be sure that each checks who may."
            change = f"Add {check.subject} to `Access-Control-Allow-Methods` of the preflight's answer."
            return [*in_capitals(check.subject), Fix(change, cost)]
        case Step.PREFLIGHT_ALLOW_HEADERS if check.subject:
            return [
                Fix(
                    f"Add {check.subject} to `Access-Control-Allow-Headers` of the preflight's answer.",
                    cost_of_header(check.subject, origin),
                ),
                leave_out((check.subject,)),
            ]
        case Step.PREFLIGHT_ALLOW_METHODS | Step.PREFLIGHT_ALLOW_HEADERS:
            return [Fix("Separate the names by commas; only letters, digits and - belong in them.", FREE)]
        case _:
            return _elsewhere(check)


def allow_in_policy(methods: tuple[str, ...], headers: tuple[str, ...], origin: str) -> list[Fix]:
    """Changes of a server's policy, all of them needed, for a preflight that was refused for these."""
    fixes = []
    for method in methods:
        cost = f"Pages of {origin} can then cause {method} requests: be sure that each checks who may."
        fixes.append(Fix(f"Have the server's CORS policy allow the method {method} to {origin}.", cost))
    for name in headers:
        change = f"Have the server's CORS policy allow the header {name} to {origin}."
        fixes.append(Fix(change, cost_of_header(name, origin)))
    return fixes


def leave_out(headers: tuple[str, ...]) -> Fix:
    """The page's way out where headers are refused."""
    return Fix(f"Leave {', '.join(headers)} out of the request, if the server can do without.", FREE, in_page=True)


def set_once(headers: tuple[str, ...]) -> Fix:
    """The page's way out where a repeated header is refused."""
    return Fix(
        f"Set {', '.join(headers)} once only in the script: Firefox asks for a header as often as it is set.",
        FREE,
        in_page=True,
    )


def _allow_origin(check: Check, request: FetchRequest, origin: str, status: int) -> list[Fix]:
    includes = request.credentials == "include"
    error = (check.chromium_error or "").removeprefix("Preflight")
    if error == "MultipleAllowOriginValues":
        change = f"Have only one place set the field: exactly one `Access-Control-Allow-Origin: {origin}` must arrive."
        return [Fix(change, "Costs nothing in security. Usually a gateway and the service behind it both set it.")]
    change = f"Answer with `Access-Control-Allow-Origin: {origin}` and `Vary: Origin`."
    if check.step is Step.PREFLIGHT_ALLOW_ORIGIN and not 200 <= status <= 299:
        change = (
            "Answer preflights (OPTIONS with Access-Control-Request-Method) before authentication and routing: status "
            f"204, `Access-Control-Allow-Origin: {origin}` and the methods and headers that pages may use."
        )
    if check.step is Step.ALLOW_ORIGIN and error == "MissingAllowOriginHeader":
        change = change[:-1] + ", on error responses too."
    fixes = [Fix(change, cost_of_origin(origin, with_credentials=includes))]
    if error == "WildcardOriginNotAllowed":
        fixes.append(without_credentials())
    elif not includes and 200 <= status <= 399:
        fixes.append(
            Fix("Answer with `Access-Control-Allow-Origin: *`.", "Every website can read it: for public data only.")
        )
    return fixes


def without_credentials() -> Fix:
    """The page's way out of what credentials ask for."""
    return Fix(
        'Send the request without credentials (`credentials: "omit"`, no `withCredentials`), if it needs no cookies.',
        FREE,
        in_page=True,
    )


def in_capitals(method: str) -> list[Fix]:
    """The script's way out where a method's letter case is what is wrong."""
    if method == method.upper():
        return []
    change = f"Write {method.upper()} in the script: browsers put only six methods into capitals, and not this one."
    return [Fix(change, FREE, in_page=True)]


def cost_of_header(name: str, origin: str) -> str:
    """What it means to let pages of an origin set a request header."""
    name = name.lower()
    if name == "content-type":
        return (
            f"Pages of {origin} can then send bodies that no form can send, JSON say: no endpoint may take that for a "
            "protection against forged requests."
        )
    if name == "authorization":
        return f"Pages of {origin} can then send tokens of their own: be sure that each token is checked."
    return f"Pages of {origin} can then set {name}: nothing behind the server may trust it blindly."


def _elsewhere(check: Check) -> list[Fix]:
    """Where no CORS header helps."""
    match check.step:
        case Step.MIXED_CONTENT:
            return [Fix("Serve the API over https; no response header helps here.", FREE)]
        case Step.PORT:
            return [Fix("Move the server to another port, 8080 or 8443 say.", FREE)]
        case Step.MODE:
            change = 'Make the request with `mode: "cors"`, and have the server allow the origin.'
            return [Fix(change, "The page can then read the response, if the server says so.")]
        case Step.REDIRECT:
            return [Fix("Call the URL that the redirect leads to, without a user name and password in it.", FREE)]
        case Step.REQUEST:
            return [Fix("Change the script: a browser cannot send such a request.", FREE)]
        case _:
            return [Fix("Make the server answer: this is no matter of CORS.", FREE)]
