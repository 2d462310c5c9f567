"""A request to be explained, as it would arrive at the gateway. Plain values; knows not where it was read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logged:
    """What an access log says became of a request: `reason` is empty where the gateway did not refuse it.

    `has_reason` is False where the log does not say.
    """

    status: int
    route: str
    reason: str
    has_reason: bool


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """`target` is what stands in the request line, `fields` all but Host and how the body is framed.

    `origin` is that of the page whose script asks, empty where it is none. `at_seconds` is when it was made, since the
    epoch; None: now. `answered` is the status it had then, 0 where nobody knows. `logged` is there where it was read
    from a log, which holds no body and few fields.
    """

    method: str
    scheme: str
    host: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    client_host: str = "127.0.0.1"
    origin: str = ""
    at_seconds: float | None = None
    answered: int = 0
    logged: Logged | None = None
    notes: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.host}{self.target}"

    def values(self, name: str) -> list[str]:
        """The values of a field, in any case of its name."""
        return [value for known, value in self.fields if known.lower() == name.lower()]
