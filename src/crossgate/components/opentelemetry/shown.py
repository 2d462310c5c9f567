"""What spans may show of requests: targets and fields without what is secret.

DEVIATION(DEV-OTEL-2): KrakenD reports queries whole, and all fields where it reports any.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from crossgate.http.message import Fields
from crossgate.http.printable import printable
from crossgate.http.secret_query import HIDDEN, hide_secrets, hide_users, is_secret, without_secrets

_SECRET_FIELDS = frozenset(
    (
        b"authorization",
        b"cookie",
        b"proxy-authorization",
        b"set-cookie",
        b"set-cookie2",
        b"cookie2",
        b"authentication-info",
    )
)
_MAX_CHARACTERS = 4096


class Shown:
    """`secret_queries` and `secret_fields` are those of the configuration beside those that are secret anywhere."""

    def __init__(self, secret_queries: AbstractSet[str], secret_fields: Iterable[str]) -> None:
        self._queries = secret_queries
        self._fields = _SECRET_FIELDS | {name.encode("latin-1", "replace") for name in secret_fields}

    def query(self, query: bytes) -> str:
        """A query."""
        return printable(without_secrets(query, self._queries))[:_MAX_CHARACTERS]

    def target(self, target: bytes) -> str:
        """A path, perhaps with a query."""
        path, mark, query = target.partition(b"?")
        return hide_users(printable(path))[:_MAX_CHARACTERS] + (f"?{self.query(query)}" if mark else "")

    def text(self, text: str) -> str:
        """What somebody said of an error."""
        return hide_secrets(text, self._queries)[:_MAX_CHARACTERS]

    def fields(self, kind: str, fields: Fields, skipped: AbstractSet[bytes]) -> dict[str, list[str]]:
        """Attributes for fields, `kind` being "request" or "response"."""
        found: dict[str, list[str]] = {}
        for name, value in fields:
            low = name.lower()
            if low in skipped:
                continue
            is_hidden = low in self._fields or is_secret(low.decode("latin-1"))
            text = HIDDEN.decode() if is_hidden else self.text(printable(value))
            found.setdefault(f"http.{kind}.header.{printable(low)}", []).append(text)
        return found
