"""What the origins of one list are granted: the compiled form of one CorsConfig without its rules.

Knows methods, requested headers and the fields of a granted answer; does not know who is in the list.
"""

from crossgate.cors import edits
from crossgate.cors.config import CorsConfig, Dialect
from crossgate.cors.decision import Reason
from crossgate.cors.edits import FieldLines, WireLines, vary_line, wire_lines
from crossgate.cors.origin_pattern import as_go_text
from crossgate.cors.request_headers import AnyOrderNames, CanonicalNames, RequestHeaderRule, SortedNames
from crossgate.golang.header_name import canonical_header_name

SAFELISTED_METHODS = frozenset((b"GET", b"HEAD", b"POST"))  # Fetch, "CORS-safelisted method"
_TOKEN_BYTES = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MAX_METHOD_BYTES = 64
# A field value is one line of text. Line breaks become blanks as in Go.
# DEVIATION(DEV-CORS-12): the other control characters, which Go lets through and many peers reject, do too.
_CONTROLS_TO_BLANKS = bytes(byte if byte >= 0x20 and byte != 0x7F else 0x20 for byte in range(256))
_TRUE = b"true"


class Grant:
    """What an allowed origin may do. Immutable. Field lines have no empty value."""

    __slots__ = (
        "_answers_private_network",
        "_any_method",
        "_checks_actual_method",
        "_folds_methods",
        "_header_rule",
        "_methods",
        "_shared_actual",
        "_shared_preflight",
        "actual_methods",
        "allow_origin",
        "preflight_status",
    )

    def __init__(self, config: CorsConfig, preflight_vary: tuple[bytes, ...]) -> None:
        """Compiles all of the config but its origins and rules. `preflight_vary` are Vary's members in preflights."""
        self._folds_methods = config.dialect is Dialect.KRAKEND_1_4
        self._checks_actual_method = config.dialect is not Dialect.FETCH
        self._any_method = config.any_method
        methods = frozenset(map(as_go_text, config.allow_methods))
        if config.dialect is Dialect.FETCH:
            self._methods = methods | SAFELISTED_METHODS
        elif self._folds_methods:
            self._methods = frozenset(map(_go_upper, methods)) | {b"OPTIONS"}
        else:
            self._methods = methods | {b"OPTIONS"}
        self.actual_methods = self._methods
        """Methods whose actual responses get the fields, without asking `allows_actual`; there may be others."""
        self.allow_origin = b"*" if config.any_origin else None
        self._header_rule = _header_rule(config)
        self._answers_private_network = config.allow_private_network
        self.preflight_status = None if config.options_passthrough else config.preflight_status
        credentials: FieldLines = ((edits.ALLOW_CREDENTIALS, _TRUE),) if config.allow_credentials else ()
        exposed = _expose_value(config)
        # DEVIATION(DEV-CORS-3): a field that would be empty is not sent.
        self._shared_actual = credentials + (((edits.EXPOSE_HEADERS, exposed),) if exposed else ())
        max_age = config.max_age_seconds
        max_age_line = () if max_age is None else ((edits.MAX_AGE, b"%d" % max_age),)
        self._shared_preflight = (*credentials, *max_age_line, *vary_line(preflight_vary))

    def preflight_method(self, asked: bytes) -> bytes | None:
        """The value of Access-Control-Allow-Methods for a requested method; None if it is not allowed."""
        if asked in self._methods:
            return asked
        if self._folds_methods:
            upper = _go_upper(asked)
            return upper if upper in self._methods else None
        if self._any_method and len(asked) <= _MAX_METHOD_BYTES and not asked.translate(None, _TOKEN_BYTES):
            return asked
        return None

    def allows_actual(self, method: bytes) -> bool:
        """Whether responses to this method get the fields. In Fetch's dialect all do; KrakenD checks its list."""
        return not self._checks_actual_method or self.preflight_method(method) is not None

    def actual_fields(self, origin: bytes) -> FieldLines:
        """The fields of a response to an actual request from an allowed origin."""
        return ((edits.ALLOW_ORIGIN, self.allow_origin or origin), *self._shared_actual)

    def preflight_lines(
        self, method: bytes, header_values: list[bytes], *, asks_private_network: bool
    ) -> WireLines | Reason:
        """What an allowed origin's preflight is answered but for Access-Control-Allow-Origin; or why it is refused.

        Given the requested method and the values of all lines of requested headers. Linear in the values, of which no
        more than MAX_BYTES are read.
        """
        allowed_method = self.preflight_method(method)
        if not allowed_method:
            return Reason.METHOD_NOT_LISTED
        allowed_headers = self._header_rule.judge(header_values)
        if isinstance(allowed_headers, Reason):
            return allowed_headers
        fields = [(edits.ALLOW_METHODS, allowed_method), *((edits.ALLOW_HEADERS, value) for value in allowed_headers)]
        if asks_private_network and self._answers_private_network:
            fields.append((edits.ALLOW_PRIVATE_NETWORK, _TRUE))
        return wire_lines((*fields, *self._shared_preflight))


def _go_upper(text: bytes) -> bytes:
    """Go's strings.ToUpper: rune by rune, so that nothing grows; `poſt` is POST to KrakenD 1.4."""
    if text.isascii():
        return text.upper()
    runes = text.decode("utf-8", "replace")
    return "".join(upper if len(upper := rune.upper()) == 1 else rune for rune in runes).encode()


def _header_rule(config: CorsConfig) -> RequestHeaderRule:
    allowed = None if config.any_header else config.allow_headers
    if config.dialect is Dialect.KRAKEND_1_4:
        return CanonicalNames(allowed)
    return SortedNames(allowed) if config.dialect is Dialect.KRAKEND_2_13 else AnyOrderNames(allowed)


def _expose_value(config: CorsConfig) -> bytes:
    names = config.expose_headers
    if config.dialect is not Dialect.FETCH:
        names = tuple(map(canonical_header_name, names))
    return as_go_text(", ".join(names)).translate(_CONTROLS_TO_BLANKS).strip(b" \t")
