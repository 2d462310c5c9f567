"""What a token endpoint answered, read. Source: golang.org/x/oauth2 `internal/token.go` doTokenRoundTrip."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from crossgate.golang.json_text import JsonError, decode_json
from crossgate.golang.number import Number

_FORMS = (b"application/x-www-form-urlencoded", b"text/plain")
_MAX_SECONDS = (1 << 31) - 1
_CANONICAL = {"bearer": "Bearer", "mac": "MAC", "basic": "Basic", "": "Bearer"}
_GO_KINDS = {bool: "bool", int: "number", float: "number", list: "array", dict: "object", Number: "number"}


class TokenAnswerError(Exception):
    """There is no token in the answer. `str()` is Go's text without `oauth2: `."""


@dataclass(frozen=True, slots=True)
class ReceivedToken:
    """A token. `expires_in` is in seconds; 0: it does not expire, negative: it has already."""

    text: str
    type: str
    expires_in: int

    def __repr__(self) -> str:
        return "(token)"


def read_token(status: int, content_type: bytes, body: bytes) -> ReceivedToken:
    """The token. Raises TokenAnswerError."""
    is_failure = not 200 <= status <= 299
    kind = content_type.partition(b";")[0].strip().lower()
    members: dict[str, Any] = {}
    fault = ""
    if kind in _FORMS:
        form = parse_qs(body.decode("utf-8", "replace"))
        members = {name: values[0] for name, values in form.items()}
        members["expires_in"] = _form_seconds(members.get("expires_in", ""))
    else:
        members, fault = _json_members(body)
        if fault and not is_failure:
            raise TokenAnswerError(f"cannot parse json: {fault}")
    code = members.get("error") or ""
    if is_failure or code:
        if not code:
            shown = body.decode("utf-8", "replace")
            raise TokenAnswerError(f"cannot fetch token: {_status_text(status)}\nResponse: {shown}")
        description = members.get("error_description") or ""
        uri = members.get("error_uri") or ""
        parts = [f'"{code}"', *([f'"{description}"'] if description else []), *([f'"{uri}"'] if uri else [])]
        raise TokenAnswerError(" ".join(parts))
    text = members.get("access_token") or ""
    if not text:
        raise TokenAnswerError("server response missing access_token")
    given = members.get("token_type") or ""
    return ReceivedToken(text, _CANONICAL.get(given.lower(), given), members.get("expires_in") or 0)


def _json_members(body: bytes) -> tuple[dict[str, Any], str]:
    try:
        value = decode_json(body) if body else _empty()
    except JsonError as error:
        return {}, str(error)
    if not isinstance(value, dict):
        return {}, f"json: cannot unmarshal {_GO_KINDS.get(type(value), 'string')} into Go value of type tokenJSON"
    members: dict[str, Any] = {}
    for name in ("access_token", "token_type", "error", "error_description", "error_uri"):
        item = value.get(name)
        if item is not None and not isinstance(item, str):
            kind = _GO_KINDS.get(type(item), "value")
            return {}, f"json: cannot unmarshal {kind} into Go struct field tokenJSON.{name} of type string"
        members[name] = item
    seconds = value.get("expires_in")
    if seconds is not None:
        try:
            members["expires_in"] = min(int(str(seconds) if isinstance(seconds, str | int) else "x"), _MAX_SECONDS)
        except ValueError:
            return {}, "json: cannot unmarshal into Go struct field tokenJSON.expires_in"
    return members, ""


def _empty() -> Any:
    raise JsonError("unexpected end of JSON input")


def _form_seconds(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def _status_text(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
