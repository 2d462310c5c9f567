"""How the gateway names itself to clients and backends. Data alone: who chooses it is not known here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The gateway's names.

    `version` is what follows `Version ` in X-Krakend. `user_agent` goes to backends, as User-Agent or, where the
    client's own passes, as X-Forwarded-Via. `http_client` is the User-Agent of a call whose backend filters it out
    (KrakenD then shows that of Go's HTTP client).
    """

    version: str
    user_agent: str
    http_client: str = "Go-http-client/1.1"

    @classmethod
    def own(cls, version: str) -> "Identity":
        """crossgate under its own name."""
        return cls(version=f"crossgate/{version}", user_agent=f"crossgate/{version}")

    @classmethod
    def krakend(cls, version: str) -> "Identity":
        """The names that KrakenD of that version gives itself."""
        return cls(version=version, user_agent=f"KrakenD Version {version}")
