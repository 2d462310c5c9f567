"""What a page's script gets to see: a request sent as both browsers would, preflight and all, to a gateway under test.

Knows the browser's side and whoever takes requests; does not know how tests are written.
"""

from collections.abc import Callable
from dataclasses import dataclass

from crossgate.cors.fetch import FetchRequest, NetworkFailure, WireRequest, WireResponse
from crossgate.cors.fetch.url import parse_url
from crossgate.cors.judge import Judgement, judge
from crossgate.testing.answered import Answered

Send = Callable[[str, str, tuple[tuple[str, str], ...], bytes | None], Answered]
"""Method, target, fields and body to what came back."""


@dataclass(frozen=True, slots=True)
class PageCall:
    """What became of a call: the verdict, and the answers to its preflight and to the request itself.

    Each is None where there was none.
    """

    judgement: Judgement
    preflight: Answered | None
    answered: Answered | None

    @property
    def shown(self) -> Answered | None:
        """The answer that decided."""
        return self.answered or self.preflight


def call_from_page(
    request: FetchRequest, body: bytes | None, extra: tuple[tuple[str, str], ...], send: Send
) -> PageCall:
    """The call of a page. `extra` are fields that the script does not set itself, such as cookies.

    Both browsers are asked, and what both send is sent once.
    """
    answers: dict[WireRequest, list[Answered]] = {}
    taken: dict[WireRequest, int] = {}
    last: dict[bool, Answered] = {}

    def respond(wire: WireRequest) -> WireResponse | NetworkFailure:
        position = taken.get(wire, 0)
        taken[wire] = position + 1
        known = answers.setdefault(wire, [])
        if position == len(known):
            known.append(_sent(wire))
        answered = known[position]
        last[wire.is_preflight] = answered
        if not answered.status:
            return NetworkFailure("the connection was broken off")
        fields = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in answered.fields)
        return WireResponse(answered.status, fields)

    def _sent(wire: WireRequest) -> Answered:
        url = parse_url(wire.url)
        fields = [("Host", url.authority)]
        fields += [(name.decode("latin-1"), value.decode("latin-1")) for name, value in wire.fields]
        content = None
        if not wire.is_preflight:
            fields += extra if wire.credentials else [each for each in extra if each[0].lower() != "cookie"]
            content = body if wire.method == request.method else None
        return send(wire.method, url.target, tuple(fields), content)

    judgement = judge(request, respond, taken.clear)
    return PageCall(judgement, last.get(True), last.get(False))
