"""CORS policies: what is asked for, compiled into what decides.

Knows the ways to ask and hands requests to the compiled parts; does not know how they decide.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Protocol

from crossgate.cors.arguments import config_of_arguments
from crossgate.cors.block import Findings
from crossgate.cors.config import ConfigError, CorsConfig
from crossgate.cors.decide import Decider
from crossgate.cors.decision import Decision, Kind, Reason, Step
from crossgate.cors.edits import HANDS_OFF
from crossgate.cors.krakend import assemble, decode_krakend_values
from crossgate.cors.lint import lint_arguments, lint_krakend_block
from crossgate.cors.rules.written import NameLookups
from crossgate.diagnostics import Diagnostic

_OFF = Decision(Kind.NOT_CORS, True, Step.OFF, Reason.CORS_OFF, None, HANDS_OFF)


class DecideRequest(Protocol):
    """`CorsPolicy.decide`."""

    def __call__(self, method: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """The decision about one request: its method, and its field lines with lower-case names and trimmed values.

        Never raises. For an actual request one pass over the fields and one look-up, for a preflight also a pass over
        what it asks for, of which no more than 4096 bytes are read.
        """


class DecideActual(Protocol):
    """`CorsPolicy.decide_actual`."""

    def __call__(self, method: bytes, origin: bytes | None) -> Decision:
        """As `decide`, for who has the request's only Origin at hand; None if it has none.

        Not for OPTIONS, which may be a preflight, nor for requests with several Origin lines: `decide` is for these.
        """


class DecideOptions(Protocol):
    """`CorsPolicy.decide_options`."""

    def __call__(self, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """As `decide`, for an OPTIONS request."""


class DecideOptionsByName(Protocol):
    """`CorsPolicy.decide_options_by_name`."""

    def __call__(self, first: Callable[[bytes], bytes | None]) -> Decision:
        """As `decide_options`, for who can look a request's fields up by name, and has each of CORS' no more than once.

        `first` gives the value of a field, None where there is none.
        """


def _decide_off(method: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Decision:  # noqa: ARG001
    return _OFF


def _decide_actual_off(method: bytes, origin: bytes | None) -> Decision:  # noqa: ARG001
    return _OFF


def _decide_options_off(fields: Iterable[tuple[bytes, bytes]]) -> Decision:  # noqa: ARG001
    return _OFF


def _decide_options_by_name_off(first: Callable[[bytes], bytes | None]) -> Decision:  # noqa: ARG001
    return _OFF


class CorsPolicy:
    """A compiled CORS policy. Immutable, and safe to share between threads.

    `config` is what was asked for; `diagnostics` are the warnings and notes that did not prevent it. `decide`,
    `decide_actual`, `decide_options` and `decide_options_by_name` are the compiled parts' own methods, so that a
    request takes no step between.
    """

    __slots__ = (
        "_decider",
        "config",
        "decide",
        "decide_actual",
        "decide_options",
        "decide_options_by_name",
        "diagnostics",
    )
    config: CorsConfig
    decide: "DecideRequest"
    decide_actual: "DecideActual"
    decide_options: "DecideOptions"
    decide_options_by_name: "DecideOptionsByName"
    diagnostics: tuple[Diagnostic, ...]

    def __init__(
        self,
        *,
        allow_origins: Collection[str],
        allow_methods: Collection[str] = (),
        allow_headers: Collection[str] = (),
        expose_headers: Collection[str] = (),
        max_age: int | timedelta | None = None,
        allow_credentials: bool = False,
        allow_private_network: bool = False,
        preflight_status: int = 204,
        options_passthrough: bool = False,
        upstream: Literal["strip", "pass", "prefer"] = "strip",
        report_only: bool = False,
        rules: Sequence[Mapping[str, Any]] = (),
        lookups: NameLookups | None = None,
    ) -> None:
        """A policy that allows what is listed and nothing else. Raises ConfigError with all that is wrong.

        What is allowed and yet of no use, or more than one would want, is in `diagnostics`, as `crossgate check` says
        it of a file; without `lookups` (`crossgate.config.host_names.name_lookups()`), nothing about public suffixes.

        `allow_origins`: exact origins (`https://app.example`), `https://*.example.com` for one or more whole labels,
        `…:*` for any port, or `*` for any origin, which excludes credentials. An empty list allows none.
        `allow_methods`: beyond GET, HEAD and POST, which need no permission (Fetch, "CORS-safelisted method"); `*` is
        any. `allow_headers`: request headers beyond the safelisted, in any letter case; `*` is any, Authorization
        included. `expose_headers`: response headers that scripts may read beyond the safelisted. Each is a list, tuple
        or set. `max_age`: seconds, or a timedelta (whole seconds count), for which a preflight may be remembered; None
        leaves it to the browser (5 s), 0 forbids it.

        `upstream` says what becomes of CORS fields that the application sets itself (see Edits.apply).
        `options_passthrough` lets the application answer preflights, with these headers. `report_only` decides, and
        leaves every response as it is: nothing is set, removed or answered, `Decision` says what would have been.

        `rules` are for some origins, in order, before the policy's own: each a mapping with `allow_origins` and any of
        `allow_methods`, `allow_headers`, `expose_headers`, `max_age`, `allow_credentials`, `allow_private_network`,
        `options_passthrough` and `preflight_status`; what it does not say is as in the policy. The first that has the
        origin decides alone: `rules=[{"allow_origins": ["https://app.example"], "allow_credentials": True}]` with
        `allow_origins=["*"]` gives that origin credentials and every other one access without.
        """
        arguments = {name: value for name, value in locals().items() if name not in ("self", "lookups")}
        config = config_of_arguments(arguments)
        self._compile(config, lint_arguments(config, rules, lookups or NameLookups()))

    @classmethod
    def from_config(cls, config: CorsConfig, diagnostics: tuple[Diagnostic, ...] = ()) -> "CorsPolicy":
        """The policy of a valid config, whoever decoded it."""
        policy = cls.__new__(cls)
        policy._compile(config, diagnostics)  # noqa: SLF001 - a constructor of this class
        return policy

    @classmethod
    def from_krakend(
        cls, obj: Any, *, config_version: Literal[2, 3], path: str = "$", lookups: NameLookups | None = None
    ) -> "CorsPolicy":
        """The policy of the object under KrakenD's CORS namespace: 1.4's behaviour for version 2, 2.13's for 3.

        Raises ConfigError with all diagnostics if it must not run; their paths start at `path`. A version 2 block that
        1.4 takes for absent gives a policy that does nothing (`config.enabled` is False). Without `lookups` the lint
        rules about public suffixes and Unicode hosts say nothing.
        """
        if config_version not in (2, 3):
            raise ValueError(f"config_version must be 2 or 3, not {config_version!r}")
        findings = Findings()
        values = decode_krakend_values(obj, config_version, path, findings)
        found = (*findings.diagnostics, *lint_krakend_block(obj, config_version, path, lookups or NameLookups()))
        if findings.has_errors:
            raise ConfigError(found)
        return cls.from_config(assemble(values, config_version, enabled=values is not None), found)

    def decide_websocket(
        self, fields: Iterable[tuple[bytes, bytes]], *, scheme: str, host: bytes | None = None
    ) -> Decision:
        """The decision about a WebSocket handshake, which browsers let any page make, cookies included.

        Allowed are: no Origin (no browser), the request's own origin, and the origins that the policy allows. `scheme`
        is `ws`, `wss`, `http` or `https` and `host` the Host, both as the client sees them; the host is by default the
        request's own. No header edits: the caller refuses with 403 if not `allowed`, unless `edits.hands_off`.
        """
        decider = self._decider
        return _OFF if decider is None else decider.decide_websocket(fields, scheme, host)

    def exact_actual(self) -> dict[bytes, tuple[frozenset[str], Decision]]:
        """The decisions about actual requests that are made beforehand: by exact origin, with methods each holds for.

        For a caller to whom even the call of `decide_actual` is dear; that is whom to ask about anything not in here.
        Linear in the number of exact origins: ask once, not per request.
        """
        return {} if self._decider is None else self._decider.exact_actual()

    def _compile(self, config: CorsConfig, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.config = config
        self.diagnostics = diagnostics
        self._decider = decider = Decider(config) if config.enabled else None
        self.decide = _decide_off if decider is None else decider.decide
        self.decide_actual = _decide_actual_off if decider is None else decider.decide_actual
        self.decide_options = _decide_options_off if decider is None else decider.decide_options
        self.decide_options_by_name = _decide_options_by_name_off if decider is None else decider.decide_options_by_name

    def __repr__(self) -> str:
        return f"CorsPolicy.from_config({self.config!r})"
