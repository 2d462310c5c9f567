"""The gateway as a test in Python has it: built from a configuration, asked like a client, its backends mocked.

For people's own test suites; `crossgate.testing` exports it.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec

from crossgate.components import all_components
from crossgate.config import Loaded, load_file
from crossgate.config.load import load_text
from crossgate.cors.fetch import Check
from crossgate.diagnostics import Severity, render_text
from crossgate.golang.duration import parse_duration
from crossgate.testing.mocks import Received
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree
from crossgate.testing.suite import Case


class ConfigurationError(ValueError):
    """The configuration, or what is to be asked, has errors. `str()` is what `crossgate check` says of them."""


@dataclass(frozen=True, slots=True)
class CorsVerdict:
    """What a page gets to see: whether it may read the answer, and the check that decided."""

    allowed: bool
    decided_by: Check
    chromium_error: str | None


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What came back. `status` 0: the request was not sent (see `cors`), or the connection was broken off.

    `headers` are in order, names as written. `route` is the endpoint's path as written, empty where there is none;
    `refused_by` names the component whose gate refused, `reason` is a refusal's code. `cors` is there where a page
    asked.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: str
    refused_by: str
    reason: str
    received: tuple[Received, ...]
    cors: CorsVerdict | None
    log: tuple[str, ...]

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises msgspec.DecodeError."""
        return msgspec.json.decode(self.body)

    def header(self, name: str) -> str | None:
        """The first value of a header, in any case of its name; None where it is absent."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


class Gateway:
    """One gateway on a test stand. Use as a context manager; what it remembers (limits, caches) lives as long.

    `config` is a file, or a configuration as a dictionary. `now` is its time in seconds since the epoch, which moves
    only by `pass_time` and by what it has to wait for. Raises ConfigurationError.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | Mapping[str, Any],
        *,
        now: float | None = None,
        url: str = "https://gateway.test",
        environ: Mapping[str, str] | None = None,
        allow_unsupported: bool = False,
    ) -> None:
        environ = dict(os.environ if environ is None else environ)
        components = all_components()
        loaded: Loaded
        if isinstance(config, Mapping):
            loaded = load_text(
                msgspec.json.encode(config),
                environ=environ,
                allow_unsupported=allow_unsupported,
                components=components,
            )
        else:
            loaded = load_file(
                str(Path(config)), environ=environ, allow_unsupported=allow_unsupported, components=components
            )
        if loaded.config is None:
            errors = [each for each in loaded.diagnostics if each.severity is Severity.ERROR]
            raise ConfigurationError(render_text(errors, loaded.sources, colour=False))
        self._player = Player(loaded.config, components, environ, time.time() if now is None else now, url)
        self._backends: dict[str, Any] = {}
        self._tokens: dict[str, Any] = {}

    def __enter__(self) -> "Gateway":
        self._player.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._player.__exit__(kind, error, trace)

    def mock(self, backends: Mapping[str, Mapping[str, Any]]) -> None:
        """Have backends answer so from now on, as `backends` in a file of tests. Others say what they received."""
        self._backends = {name: dict(answer) for name, answer in backends.items()}

    def token(self, name: str, claims: Mapping[str, Any], *, expires_in: str = "1h") -> None:
        """Have a token of that name, to be asked with. `valid` is there already: it passes at every endpoint."""
        self._tokens[name] = {"claims": dict(claims), "expires_in": expires_in}

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        body: str | None = None,
        json: Any = msgspec.UNSET,
        token: str | None = None,
        key: Literal["valid", "no-roles"] | None = None,
        client: str = "127.0.0.1",
        page: str | None = None,
        credentials: Literal["omit", "same-origin", "include"] = "same-origin",
    ) -> GatewayAnswer:
        """What the gateway answers. With `page`, an origin, a page's script asks, preflight and all.

        Raises ConfigurationError where no such request can be sent.
        """
        given = {name: value if isinstance(value, str) else list(value) for name, value in (headers or {}).items()}
        asked: dict[str, Any] = {"url": url, "method": method, "headers": given, "client": client}
        asked["credentials"] = credentials
        given_too = {"body": body, "token": token, "key": key}
        asked |= {name: value for name, value in given_too.items() if value is not None}
        if json is not msgspec.UNSET:
            asked["json"] = json
        test: dict[str, Any] = {"in": asked, "out": {}, "backends": self._backends}
        if page is not None:
            test["page"] = page
        read = suite_of_tree({"tokens": self._tokens, "tests": [test]}, "ask")
        if read.suite is None:
            raise ConfigurationError("; ".join(f"{found.path}: {found.message}" for found in read.diagnostics))
        (case,) = read.suite.cases
        assert isinstance(case, Case)  # noqa: S101 # it asks for something
        self._player.mock(read.suite, case)
        try:
            result = self._player.ask(read.suite, case)
        except LookupError as error:
            raise ConfigurationError(str(error.args[0])) from None
        answered, judgement = result.answered, result.judgement
        cors = None
        if judgement is not None:
            cors = CorsVerdict(judgement.allowed, judgement.decided_by, judgement.chromium_error)
        if answered is None or not result.was_sent:
            return GatewayAnswer(0, (), b"", "", "", "", result.received, cors, ())
        return GatewayAnswer(
            answered.status,
            answered.fields,
            answered.body,
            answered.route,
            answered.refused_by,
            "" if answered.reason is None else answered.reason.code,
            result.received,
            cors,
            answered.log,
        )

    def get(self, url: str, **more: Any) -> GatewayAnswer:
        """`ask` with GET."""
        return self.ask("GET", url, **more)

    def post(self, url: str, **more: Any) -> GatewayAnswer:
        """`ask` with POST."""
        return self.ask("POST", url, **more)

    def pass_time(self, duration: str) -> None:
        """Let time pass, as a Go duration: "10s", "1h30m"."""
        self._player.pass_time(parse_duration(duration) / 1e9)
