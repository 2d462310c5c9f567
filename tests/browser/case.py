"""What one case of the judges is: a page origin, a policy or prepared heads, and the requests of a script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Header = tuple[str, str]
Where = Literal["address", "name", "subdomain", "port", "tls", "sandboxed"]
"""The page's origin: http://127.0.0.1:P, http://localhost:P, http://app.localhost:P, http://127.0.0.1:Q,
https://127.0.0.1:T, and `null` (a sandboxed frame on the first)."""


@dataclass(frozen=True)
class Ask:
    """What the script asks for. `rest` is the URL's path within the case; `host` is whose name stands in the URL:
    127.0.0.1, localhost, or a name that only the browsers know and that is no loopback name."""

    method: str = "GET"
    headers: tuple[Header, ...] = ()
    credentials: Literal["omit", "same-origin", "include"] = "same-origin"
    mode: Literal["cors", "no-cors", "same-origin"] = "cors"
    redirect: Literal["follow", "error", "manual"] = "follow"
    body: str = ""
    rest: str = ""
    host: Literal["address", "name", "foreign"] = "address"
    api: Literal["fetch", "xhr"] = "fetch"
    upload_listener: bool = False
    wait_ms: int = 0  # before it is made


@dataclass(frozen=True)
class Reply:
    """A prepared answer. `{gateway}`, `{other}` and `{page}` in values stand for this run's origins."""

    status: int = 200
    headers: tuple[Header, ...] = ()
    body: str = "answer"


@dataclass(frozen=True)
class Policy:
    """The CORS configuration of a case, as it would stand in a file. `{page}` stands for the page's origin."""

    block: Mapping[str, Any] | None
    version: Literal[2, 3] = 3
    crossgate: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Case:
    """One case. With `policy` None the heads come as prepared, those of preflights from `preflight`."""

    name: str
    policy: Policy | None
    asks: tuple[Ask, ...]
    where: Where = "address"
    replies: Mapping[str, Reply] = field(default_factory=lambda: {"": PLAIN})
    preflight: Reply = Reply(204)

    @property
    def slug(self) -> str:
        """The name as it can stand in a path, still unique."""
        return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in self.name)


PLAIN = Reply(
    headers=(
        ("Content-Type", "text/plain"),
        ("Cache-Control", "no-store"),
        ("X-One", "1"),
        ("X-Two", "2"),
        ("Set-Cookie", "seen=1"),
    )
)
