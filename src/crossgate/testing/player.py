"""Tests run: each on a gateway that remembers nothing of those before, at a time that stands still.

Knows suites and the stand; does not know how results are shown.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossgate.components.component import Component
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import ServiceConfig
from crossgate.cors.fetch import FetchRequest
from crossgate.cors.judge import Judgement
from crossgate.plan import EndpointPlan, Plan
from crossgate.testing.answered import Answered
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.compare import Difference, cors_differences, differences
from crossgate.testing.lock import all_through, lets_through, lock_differences
from crossgate.testing.mocks import Received
from crossgate.testing.page import call_from_page
from crossgate.testing.stand import Stand
from crossgate.testing.suite import Case, Lock, Suite, Test
from crossgate.testing.tokens import Mint

_NUMBER = "{n}"
_NO_BODY = ("GET", "HEAD", "OPTIONS", "TRACE", "DELETE")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test. `differences` are empty where it passed; `failure` is why it could not be run, `left_out`
    why it was not tried. `was_sent` is False where a page's request was blocked before it was sent.
    """

    case: Test
    answered: Answered | None
    received: tuple[Received, ...]
    differences: tuple[Difference, ...]
    judgement: Judgement | None = None
    was_sent: bool = True
    seconds: float = 0.0
    failure: str = ""
    left_out: str = ""

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.differences and not self.failure


@dataclass(slots=True)
class Player:
    """Runs the tests of suites on one configuration. Use as a context manager. `told` hears of every answer.

    `document` is what the configuration was made of; without it, no settings are compared.
    """

    config: ServiceConfig
    components: Sequence[Component]
    environ: Mapping[str, str]
    now_seconds: float
    gateway_url: str = "https://gateway.test"
    document: Document | None = None
    told: Callable[[Answered], object] = lambda _: None
    clock: Clock = field(init=False)
    backends: Backends = field(init=False)
    mint: Mint = field(init=False)
    _stand: Stand = field(init=False)
    _endpoints: dict[tuple[str, str], EndpointPlan] = field(init=False, default_factory=dict)
    _nodes: dict[tuple[str, str], EndpointNode] = field(init=False, default_factory=dict)

    def __enter__(self) -> "Player":
        self.clock = Clock(self.now_seconds)
        self.backends = Backends(self.clock)
        self.mint = Mint(self.config, self.clock.wall)
        self.backends.hidden = self.mint.key_sets
        self._stand = Stand(
            self.mint.config,
            components=self.components,
            environ=self.environ,
            clock=self.clock,
            backends=self.backends,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stand.close()

    @property
    def plan(self) -> Plan:
        """What is tested."""
        return self._stand.plan

    @property
    def gated(self) -> list[frozenset[str]]:
        """See Stand."""
        return self._stand.gated()

    def play(self, suite: Suite, wanted: Callable[[Test], bool] = lambda _: True) -> Iterator[Result]:
        """The tests of a suite that are wanted, one result after the other."""
        for case in suite.cases:
            if wanted(case):
                yield self._play(suite, case) if isinstance(case, Case) else self._compare(case)

    def forget(self, case: Case) -> None:
        """As if no request had been asked; the next ones are those of the case, and of nothing else."""
        cases = [case]
        while cases[-1].following is not None:
            cases.append(cases[-1].following)
        asked = [(each.asked.method, each.asked.target) for each in cases]
        has_many_paths = any(_NUMBER in target.partition("?")[0] for _, target in asked)
        self._stand.forget(() if has_many_paths else asked, zlib.crc32(case.name.encode()))

    def mock(self, suite: Suite, *cases: Case) -> None:
        """Have backends answer as the cases say, the first first, then as their suite does."""
        self.backends.mock([*(mock for case in cases for mock in case.mocks), *suite.mocks])

    def pass_time(self, seconds: float) -> None:
        """See Stand."""
        self._stand.pass_time(seconds)

    def lets_through(self, method: str, path: str) -> Mapping[str, Any] | None:
        """What an endpoint lets through, by its method and path as written; None where there is none."""
        if not self._endpoints:
            self._endpoints.update({(each.config.method, each.config.path): each for each in self.plan.endpoints})
            served = [node for node in self.document.endpoints if node.served] if self.document is not None else []
            self._nodes.update({(node.config.method, node.config.path): node for node in served})
        endpoint = self._endpoints.get((method, path))
        return None if endpoint is None else lets_through(self.plan, endpoint, self._nodes.get((method, path)))

    def _compare(self, lock: Lock) -> Result:
        if lock.path == "*":
            actual: Mapping[str, Any] | None = all_through(self.plan, self.document)
        else:
            actual = self.lets_through(lock.method, lock.path)
        if actual is not None:
            return Result(lock, None, (), tuple(lock_differences(lock.lets_through, actual)))
        return Result(lock, None, (), (), failure=f"there is no endpoint {lock.method} {lock.path}")

    def _play(self, suite: Suite, case: Case) -> Result:
        self.forget(case)
        following: Case | None = case
        began = time.perf_counter()
        result = Result(case, None, (), ())
        while following is not None:
            self.mock(suite, following, case)
            self._stand.pass_time(following.after_seconds)
            for number in range(1, following.times + 1):
                try:
                    result = self.ask(suite, numbered(following, number) if following.times > 1 else following)
                except (LookupError, TimeoutError) as error:
                    result = Result(following, None, (), (), failure=str(error).strip("'\""))
                if not result.passed:
                    break
            if not result.passed:
                break
            following = following.following
        return replace(result, case=case, seconds=time.perf_counter() - began)

    def ask(self, suite: Suite, case: Case) -> Result:
        """One request of a test. Raises LookupError, TimeoutError where that cannot be."""
        self.backends.forget()
        asked, proxy = case.asked, suite.proxy_fields
        if asked.key:
            target = self.mint.target_with_key(asked.key, asked.target, self._endpoint_of(case))
            case = replace(case, asked=replace(asked, target=target))
            asked = case.asked
        fields = [*asked.fields, *self._credentials(suite, case)]
        if not case.page:
            answered = self._send(case, asked.method, asked.target, tuple(with_proxy(fields, proxy)), asked.body)
            received = tuple(self.backends.received)
            found = differences(case.expected, answered, received)
            return Result(case, answered, received, tuple(found))
        set_by_script = [(name, value) for name, value in fields if name.lower() not in ("host", "cookie", "origin")]
        extra = tuple((name, value) for name, value in fields if name.lower() == "cookie")
        request = FetchRequest(
            case.page,
            suite.gateway_url + asked.target,
            asked.method,
            tuple(set_by_script),
            asked.credentials,
            has_body=asked.body is not None,
        )
        call = call_from_page(
            request,
            asked.body,
            extra,
            lambda method, target, sent, body: self._send(case, method, target, tuple(with_proxy(sent, proxy)), body),
        )
        received = tuple(self.backends.received)
        expected = case.expected
        found = [] if expected.cors is None else cors_differences(expected.cors, call.judgement)
        if call.answered is not None:
            found += differences(expected, call.answered, received)
        elif expected.status is not None or expected.received:
            check = call.judgement.decided_by
            found.append(Difference("request", "sent", f"not sent, blocked before ({check.step}): {check.reason}"))
        return Result(case, call.shown, received, tuple(found), call.judgement, call.answered is not None)

    def _credentials(self, suite: Suite, case: Case) -> list[tuple[str, str]]:
        name = case.asked.token
        endpoint = self._endpoint_of(case) if name or case.asked.key else None
        fields = list(self.mint.key_fields(case.asked.key, endpoint)) if case.asked.key else []
        if not name:
            return fields
        token = None if name == "valid" and name not in suite.tokens else suite.tokens[name]
        header, _, text = self.mint.token(token, endpoint)
        scheme = "Bearer " if header.lower() == "authorization" else ""
        return [*fields, (header.title(), scheme + text)]

    def _endpoint_of(self, case: Case) -> int | None:
        """The number of the endpoint that the case asks; None where there is none."""
        return self._stand.endpoint_at(case.asked.method, case.asked.target)

    def _send(
        self, case: Case, method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes | None
    ) -> Answered:
        host = case.asked.host if case.asked.host and not case.page else _host_of(self.gateway_url)
        data = rendered(method, target, fields, body, chunked=case.asked.chunked, host=host)
        answered = self._stand.ask(data, client_host=case.asked.client_host)
        self.told(answered)
        return answered


def with_proxy(fields: Sequence[tuple[str, str]], proxy_fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """A request's fields as they leave a proxy that adds some where they are absent."""
    names = {name.lower() for name, _ in fields}
    return [*fields, *[each for each in proxy_fields if each[0].lower() not in names]]


def rendered(
    method: str,
    target: str,
    fields: Sequence[tuple[str, str]],
    body: bytes | None,
    *,
    chunked: bool = False,
    host: str = "gateway.test",
) -> bytes:
    """A request as a client sends it: its fields in order, and nothing added but Host and how its body is framed."""
    names = {name.lower() for name, _ in fields}
    lines: list[Any] = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in fields]
    content = body or b""
    if chunked:
        if "transfer-encoding" not in names:
            lines.append("Transfer-Encoding: chunked")
        content = (b"%x\r\n%b\r\n" % (len(content), content) if content else b"") + b"0\r\n\r\n"
    elif "content-length" not in names and (body is not None or method not in _NO_BODY):
        lines.append(f"Content-Length: {len(content)}")
    head = "\r\n".join([*lines, "", ""])
    return head.encode("utf-8", "surrogateescape") + content


def numbered(case: Case, number: int) -> Case:
    """A test that is asked several times, with its number in the place of `{n}`."""
    asked, text = case.asked, str(number)
    if _NUMBER not in asked.target + asked.client_host + "".join(value for _, value in asked.fields):
        return case
    return replace(
        case,
        asked=replace(
            asked,
            target=asked.target.replace(_NUMBER, text),
            client_host=asked.client_host.replace(_NUMBER, text),
            fields=tuple((name, value.replace(_NUMBER, text)) for name, value in asked.fields),
        ),
    )


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]
