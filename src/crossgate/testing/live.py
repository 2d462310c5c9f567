"""The same tests asked of a gateway that runs somewhere: what can be seen from outside is compared, nothing else.

Knows HTTP/1.1 over sockets, within bounds; does not know configurations.
"""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from crossgate.cors.fetch import FetchRequest
from crossgate.testing.answered import Answered, parsed
from crossgate.testing.compare import Difference, cors_differences, differences
from crossgate.testing.page import call_from_page
from crossgate.testing.player import Result, rendered, with_proxy
from crossgate.testing.suite import Case, Lock, Suite, Test

TIMEOUT_SECONDS = 30.0
MAX_BYTES = 1 << 26


@dataclass(slots=True)
class LivePlayer:
    """Asks the gateway at a URL. A test that needs what only a stand can do (tokens, a clock, mocks) is left out.

    `tls` is whom to trust at https.
    """

    url: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def play(self, suite: Suite, wanted: Callable[[Test], bool] = lambda _: True) -> Iterator[Result]:
        """The tests of a suite that are wanted, one result after the other."""
        for case in suite.cases:
            if wanted(case):
                yield self._play(suite, case) if isinstance(case, Case) else _no_lock(case)

    def _play(self, suite: Suite, case: Case) -> Result:
        reason = _needs_stand(case)
        if reason:
            return Result(case, None, (), (), left_out=reason)
        began = time.perf_counter()
        following: Case | None = case
        result = Result(case, None, (), ())
        while following is not None and result.passed:
            for _ in range(following.times):
                try:
                    result = self._ask(suite, following)
                except (OSError, http.client.HTTPException) as error:
                    reason = str(error) or type(error).__name__
                    result = Result(following, None, (), (), failure=f"{self.url}: {reason}")
                if not result.passed:
                    break
            following = following.following
        return replace(result, case=case, seconds=time.perf_counter() - began)

    def _ask(self, suite: Suite, case: Case) -> Result:
        asked, expected = case.asked, replace(case.expected, route=None, reason=None, log="", received=None)
        if not case.page:
            fields = tuple(with_proxy(asked.fields, suite.proxy_fields))
            target = asked.target if asked.target == "*" else self._base + asked.target
            answered = self._send(asked.method, target, fields, asked.body, chunked=asked.chunked)
            return Result(case, answered, (), tuple(differences(expected, answered, ())))
        extra = tuple((name, value) for name, value in asked.fields if name.lower() == "cookie")
        set_by_script = tuple(each for each in asked.fields if each[0].lower() not in ("host", "cookie", "origin"))
        request = FetchRequest(
            case.page,
            self.url + asked.target,
            asked.method,
            set_by_script,
            asked.credentials,
            has_body=asked.body is not None,
        )

        def send(method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes | None) -> Answered:
            return self._send(method, target, tuple(with_proxy(fields, suite.proxy_fields)), body)

        call = call_from_page(request, asked.body, extra, send)
        found: list[Difference] = []
        if expected.cors is not None:
            found += cors_differences(expected.cors, call.judgement)
        if call.answered is not None:
            found += differences(expected, call.answered, ())
        return Result(case, call.shown, (), tuple(found), call.judgement)

    @property
    def _base(self) -> str:
        """What stands in front of every path."""
        return urlsplit(self.url).path.rstrip("/")

    def _send(
        self,
        method: str,
        target: str,
        fields: tuple[tuple[str, str], ...],
        body: bytes | None,
        *,
        chunked: bool = False,
    ) -> Answered:
        url = urlsplit(self.url)
        if url.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                url.netloc, timeout=TIMEOUT_SECONDS, context=self.tls
            )
        else:
            connection = http.client.HTTPConnection(url.netloc, timeout=TIMEOUT_SECONDS)
        began = time.monotonic()
        try:
            connection.connect()
            ending = (("Connection", "close"),) if all(name.lower() != "connection" for name, _ in fields) else ()
            data = rendered(method, target, (*fields, *ending), body, chunked=chunked, host=url.netloc)
            connection.sock.sendall(data)
            received = bytearray()
            while len(received) < MAX_BYTES and (piece := connection.sock.recv(65_536)):
                received += piece
        finally:
            connection.close()
        status, answered_fields, content, whole = parsed(bytes(received), method)
        return Answered(
            status,
            answered_fields,
            content,
            whole,
            route="",
            endpoint=None,
            decision=None,
            passed_gates=(),
            refused_by="",
            took_seconds=time.monotonic() - began,
            log=(),
        )


def _no_lock(lock: Lock) -> Result:
    return Result(lock, None, (), (), left_out="what a gateway lets through cannot be read off it")


def _needs_stand(case: Case) -> str:
    """Why a test cannot be asked of a gateway that runs; empty where it can."""
    each: Case | None = case
    while each is not None:
        if each.asked.token:
            return "its token can only be minted for a gateway on the stand"
        if each.asked.key:
            return "its key is known to a gateway on the stand only"
        if each.after_seconds:
            return "only the stand's clock can be moved"
        if each.mocks:
            return "the backends of a gateway that runs cannot be mocked"
        each = each.following
    return ""
