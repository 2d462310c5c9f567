"""What is said of one request: where it went, what it was asked on its way, why it was refused, what would change that.

Plain values, for people and programs alike. Knows neither how they come about nor how they are shown.
"""

from dataclasses import dataclass
from typing import Literal

from crossgate.config.setting import Setting
from crossgate.diagnostics import Span
from crossgate.explain.asked import AskedRequest
from crossgate.explain.ends import End
from crossgate.testing.mocks import Received

Answer = Literal["passes", "refused", "redirected", "answered"]
Outcome = Literal["passed", "refused", "not-asked"]


@dataclass(frozen=True, slots=True)
class Step:
    """One that a request meets. `namespace` is as the file writes it, empty where it is none; `reason` a code.

    `note` says what of it was left out, and why.
    """

    component: str
    namespace: str
    outcome: Outcome
    reason: str = ""
    path: str = ""
    span: Span | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change that lets a request pass, and where in the file it is made; empty where it is elsewhere.

    `setting` is there where it gives one value of the file.
    """

    text: str
    path: str = ""
    span: Span | None = None
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """A check that refuses the request once it is past those before: its reason, what that means, and its change."""

    reason: str
    meaning: str
    change: Change


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it. `answer` is what becomes of the request; `status` 0 where the connection is broken off.

    `route` is the endpoint's path as written, empty where there is none; `endpoint` and `endpoint_span` its object in
    the file. `reason` is the code, empty where nothing refuses; `meaning` and `detail` are sentences. `path` and `span`
    are what decides. `unless` is what else may become of it, each with its place.
    `received` are the calls that backends would get. `not_judged` names what could only be judged by
    asking somebody, and was left out. `then` are the checks that refuse next, once those before are passed; with
    `passes_then` the request passes after them, without it nobody can say.
    """

    asked: AskedRequest
    answer: Answer
    status: int
    route: str = ""
    method: str = ""
    endpoint: str = ""
    endpoint_span: Span | None = None
    reason: str = ""
    meaning: str = ""
    detail: str = ""
    path: str = ""
    span: Span | None = None
    change: Change | None = None
    then: tuple[Following, ...] = ()
    passes_then: bool = False
    steps: tuple[Step, ...] = ()
    received: tuple[Received, ...] = ()
    notes: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    unless: tuple[tuple[End, Span | None], ...] = ()
