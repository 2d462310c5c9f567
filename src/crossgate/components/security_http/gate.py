"""The decision about one request's host and scheme. Does not know where its policy comes from.

Source: unrolled/secure `secure.go` at the version of KrakenD 2.13.
"""

from crossgate.components.security_http import reasons
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.golang.regex import PatternSearch, compile_search
from crossgate.http.gate import GateView
from crossgate.http.message import Fields, Response, refusal

_BAD_HOST: Fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]


class SecurityGate:
    """500 for hosts that are not answered, 301 to https where that is asked for, fields for all other answers."""

    params: tuple[str, ...] = ()

    def __init__(self, policy: SecurityPolicy) -> None:
        self._hosts = policy.hosts
        self._search: PatternSearch | None = compile_search(policy.pattern) if policy.pattern else None
        self._host_fields = tuple([name.encode("latin-1", "replace") for name in policy.host_fields])
        self._https_fields = [
            (name.encode("latin-1", "replace"), value.encode()) for name, value in policy.https_fields
        ]
        self._redirects = policy.redirects
        self._redirect_host = policy.redirect_host.encode()
        self._plain: Fields = [(name.encode(), value.encode()) for name, value in policy.fields]
        sts: Fields = [(b"strict-transport-security", policy.sts.encode())] if policy.sts else []
        self._secure: Fields = [*self._plain, *sts]
        if policy.forces_sts:
            self._plain = self._secure
        self.reads = frozenset((b"host", *self._host_fields, *(name for name, _ in self._https_fields)))

    def __call__(self, view: GateView) -> Response | None:
        """Refuse, redirect, or let pass with fields for the answer."""
        host = self._host(view)
        if not self._is_answered(host):
            return refusal(500, reasons.HOST, list(_BAD_HOST), b"Bad Host\n")
        is_secure = any((view.first(name) or b"") == value for name, value in self._https_fields)
        if self._redirects and not is_secure:
            return self._redirect(view, self._redirect_host or host)
        fields = self._secure if is_secure else self._plain
        if fields:
            view.add_to_answer(fields)
        return None

    def _host(self, view: GateView) -> bytes:
        for name in self._host_fields:
            value = view.first(name)
            if value:
                return value
        return view.first(b"host") or b""

    def _is_answered(self, host: bytes) -> bool:
        if self._search is not None:
            return bool(self._search(host))
        return self._hosts is None or host.decode("utf-8", "replace").lower() in self._hosts

    def _redirect(self, view: GateView, host: bytes) -> Response:
        url = b"https://" + host + view.path + (b"" if view.query is None else b"?" + view.query)
        fields: Fields = [(b"location", url)]
        if view.method not in (b"GET", b"HEAD"):
            return Response(301, fields)
        fields.append((b"content-type", b"text/html; charset=utf-8"))
        from html import escape  # with all names of HTML, which few gateways need

        shown = escape(url.decode("utf-8", "replace")).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        return Response(301, fields, f'<a href="{shown}">Moved Permanently</a>.\n\n'.encode())
