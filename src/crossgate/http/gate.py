"""Gates: who may look at a request before anything is called for it, and what they may say.

This is the whole contract between those who guard endpoints and those who run them. Neither knows the other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from crossgate.flow.fiber import Flow
from crossgate.http.message import Fields, Request, Response


class GateView(Protocol):
    """One request as gates see it, and the few things they may add to it.

    `path` and `query` are raw bytes (query None where there is no `?`). `client_ip` is whom the gateway takes for the
    client, empty where the socket has no address. `claims` are what a gate found out about the client, for the gates
    after it; they are not to be changed.
    """

    claims: Mapping[str, Any] | None

    @property
    def method(self) -> bytes:
        """The method."""

    @property
    def path(self) -> bytes:
        """The path, still percent-encoded."""

    @property
    def query(self) -> bytes | None:
        """The query without its question mark."""

    @property
    def client_ip(self) -> str:
        """The client's address."""

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name; the name has to be one of the gate's `reads`."""

    def lines(self, name: bytes) -> Sequence[bytes]:
        """The values of all field lines of that lower-case name; the name has to be one of the gate's `reads`."""

    def value(self, name: str) -> bytes | None:
        """The decoded value of the route's parameter of that name, as the file writes it; None where it has none."""

    def set_field(self, name: bytes, *values: bytes) -> None:
        """Put field lines with these values in the place of all the client's of that lower-case name.

        Backends get it where `input_headers` lists it.
        """

    def set_param(self, name: str, value: bytes) -> None:
        """Give a parameter of the gate's `params` its value for url_patterns."""

    def give_param(self, name: str, value: bytes) -> None:
        """Give any parameter a value, those of the route's included, under its name as the file writes it."""

    def values(self) -> Mapping[str, bytes]:
        """The decoded values of all the route's parameters."""

    def whole(self) -> Request:
        """The request with what gates have done to it so far. It is not to be changed."""

    def replace(self, request: Request) -> None:
        """Go on with another request, made of `whole()`, in its place. Where it leads to stays as it is."""

    def add_to_answer(self, fields: Fields) -> None:
        """Put fields, by lower-case names, on whatever answers the request, refusals of later gates included."""


RejectsClaims = Callable[[Mapping[str, Any]], bool]
"""Whether claims that hold are refused all the same."""

Verdict = Response | None
"""What a gate says: None lets the request pass, a response answers it in the place of everything behind the gate."""


class Gate(Protocol):
    """A gate. `reads` are the fields it looks at, `params` the parameters it may set (empty values where it does not).

    One that has to wait hands back a Flow of its verdict; the view stays good until that ends. It never raises for what
    a client sent.
    """

    @property
    def reads(self) -> frozenset[bytes]:
        """Lower-case names of request fields."""

    @property
    def params(self) -> tuple[str, ...]:
        """Names of parameters as url_patterns write them."""

    def __call__(self, view: GateView) -> Verdict | Flow[Verdict]:
        """Look at a request."""
