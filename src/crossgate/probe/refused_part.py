"""Which part of a refused preflight was refused: its method, one of its headers, or the origin.

A server that refuses says no more than no: the fields are missing, whatever the reason. So it is asked again with parts
left out, by further preflights, which change nothing. Knows preflights and whoever answers; no configuration.
"""

from dataclasses import dataclass
from typing import Literal

from crossgate.cors.fetch import Exchange, NetworkFailure, Responder, Step, Trace, WireRequest, WireResponse
from crossgate.cors.fetch.preflight import is_granted, preflight_request

MAX_HEADERS_ASKED = 8
_OTHER_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
_CORS_VARY = (b"origin", b"access-control-request-method", b"access-control-request-headers")


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """What is refused and its names: methods or headers as asked for, the origin.

    `headers` together means that each is granted alone. `preflight` means that no answer looks like CORS at all.
    """

    part: Literal["method", "headers", "headers-together", "method-and-headers", "origin", "preflight"]
    names: tuple[str, ...]
    sentence: str
    exchanges: tuple[Exchange, ...]


def find_refused_part(trace: Trace, respond: Responder) -> RefusedPart | None:
    """Ask again; None where the browser's trace names the part itself, or where an answer stays out."""
    check = trace.decided_by
    last = trace.exchanges[-1] if trace.exchanges else None
    if last is None or not last.request.is_preflight or not isinstance(last.response, WireResponse) or trace.allowed:
        return None
    missing = check.chromium_error == "PreflightMissingAllowOriginHeader"
    if not missing and check.step is not Step.PREFLIGHT_STATUS:
        return None
    try:
        return _Inquiry(trace, last.request, last.response, respond).find()
    except _NoAnswerError:
        return None


class _NoAnswerError(Exception):
    pass


class _Inquiry:
    def __init__(self, trace: Trace, refused: WireRequest, answer: WireResponse, respond: Responder) -> None:
        self._trace = trace
        self._url = refused.url
        self._answer = answer
        self._respond = respond
        self._origin = _field(refused, b"origin")
        self._method = _field(refused, b"access-control-request-method")
        asked = _field(refused, b"access-control-request-headers")
        self._asked = tuple(filter(None, asked.split(",")))
        self._names = tuple(dict.fromkeys(self._asked))
        self._exchanges: list[Exchange] = []

    def find(self) -> RefusedPart:
        if self._names and self._grants(self._method, ()):
            return self._refused_headers(self._method)
        other = next((one for one in _OTHER_METHODS if one != self._method and self._grants(one, ())), None)
        if other is None:
            return self._refused_origin()
        if not self._names or self._grants(other, self._names):
            sentence = f"A preflight for {other} is granted, one for {self._method} is not: the method is refused."
            return self._found("method", (self._method,), sentence)
        headers = self._refused_headers(other)
        sentence = f"A preflight for {other} without these headers is granted: {self._method} and "
        sentence += f"{', '.join(headers.names)} are both refused."
        return self._found("method-and-headers", (self._method, *headers.names), sentence)

    def _refused_headers(self, method: str) -> RefusedPart:
        asked = self._names[:MAX_HEADERS_ASKED]
        refused = tuple(name for name in asked if not self._grants(method, (name,)))
        if refused:
            one = len(refused) == 1
            sentence = f"Without {refused[0] if one else 'these headers'} the preflight is granted: "
            sentence += f"the header{' ' if one else 's '}{', '.join(refused)} {'is' if one else 'are'} refused."
            return self._found("headers", refused, sentence)
        if len(self._names) > len(asked):
            sentence = (
                f"Without headers the preflight is granted; the first {len(asked)} of them are not what is refused."
            )
            return self._found("headers", self._names[len(asked) :], sentence)
        repeated = tuple(name for name in asked if self._asked.count(name) > 1)
        if repeated:
            sentence = (
                f"Asked for once, {', '.join(repeated)} is granted; asked for as often as the script sets it, as this "
                "browser does, it is refused."
            )
            return self._found("headers-together", repeated, sentence)
        sentence = f"Each of {', '.join(asked)} is granted alone, and together they are refused."
        return self._found("headers-together", asked, sentence)

    def _refused_origin(self) -> RefusedPart:
        tried = ", ".join([self._method, *(one for one in _OTHER_METHODS if one != self._method)])
        vary = (self._answer.combined(b"vary") or b"").lower()
        if any(name in vary for name in _CORS_VARY):
            sentence = (
                f"No preflight from {self._origin} is granted, whatever it asks for ({tried}), and the answer varies "
                "with what preflights ask (Vary): the origin is refused."
            )
            return self._found("origin", (self._origin,), sentence)
        if 200 <= self._answer.status <= 299:
            sentence = (
                f"No preflight from {self._origin} is granted, whatever it asks for ({tried}): the origin is refused, "
                "or the server knows nothing of CORS."
            )
            return self._found("origin", (self._origin,), sentence)
        bare = not any(name.startswith(b"access-control-") for name, _ in self._answer.fields)
        sentence = (
            f"Every preflight from {self._origin} is answered with status {self._answer.status}"
            f"{' and nothing of CORS' if bare else ''}, whatever it asks for ({tried}): it does not reach what answers "
            "preflights, or the origin is refused."
        )
        return self._found("preflight", (self._origin,), sentence)

    def _grants(self, method: str, names: tuple[str, ...]) -> bool:
        wire = preflight_request(method, self._url, self._origin, names)
        response = self._respond(wire)
        self._exchanges.append(Exchange(wire, response))
        if isinstance(response, NetworkFailure):
            raise _NoAnswerError
        headers = tuple(pair for pair in self._trace.request.headers if pair[0].lower() in names)
        return is_granted(self._trace.request, self._trace.browser, response, method, headers, self._origin)

    def _found(
        self,
        part: Literal["method", "headers", "headers-together", "method-and-headers", "origin", "preflight"],
        names: tuple[str, ...],
        sentence: str,
    ) -> RefusedPart:
        return RefusedPart(part, names, sentence, tuple(self._exchanges))


def _field(request: WireRequest, name: bytes) -> str:
    return next((value.decode("utf-8") for known, value in request.fields if known == name), "")
