"""What the two browsers make of one request: both traces, and one verdict where they agree and where they do not.

Knows the model; neither configurations nor how a verdict is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass

from crossgate.cors.fetch import (
    CHROMIUM,
    FIREFOX,
    Check,
    FetchRequest,
    Outcome,
    ParseUrl,
    Responder,
    Trace,
    parse_url,
    run_fetch,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The same request in Chromium and in Firefox."""

    chromium: Trace
    firefox: Trace

    @property
    def allowed(self) -> bool:
        """Whether the page may read the response in both."""
        return self.chromium.allowed and self.firefox.allowed

    @property
    def primary(self) -> Trace:
        """The trace to show: Chromium's, unless only Firefox blocks."""
        return self.firefox if self.chromium.allowed and not self.firefox.allowed else self.chromium

    @property
    def decided_by(self) -> Check:
        """The check that decided."""
        return self.primary.decided_by

    @property
    def chromium_error(self) -> str | None:
        """Chromium's CorsError without its `k`; None where Chromium does not block or has no such name for it."""
        return None if self.chromium.allowed else self.chromium.decided_by.chromium_error

    @property
    def firefox_error(self) -> str | None:
        """The category in Firefox's console; None where Firefox does not block or says nothing of CORS."""
        return None if self.firefox.allowed else self.firefox.decided_by.firefox_error

    @property
    def notes(self) -> tuple[str, ...]:
        """What decided nothing and is worth knowing, and where the browsers differ."""
        notes = [check.reason for check in self.primary.checks if check.outcome is Outcome.NOTE]
        if self.chromium.allowed != self.firefox.allowed:
            other = self.chromium if self.primary is self.firefox else self.firefox
            verdict = "lets the page read the response" if other.allowed else "blocks it too"
            notes.insert(0, f"{other.browser.name.capitalize()} {verdict}: {other.decided_by.reason}")
        elif self.chromium.preflighted != self.firefox.preflighted:
            asking = self.chromium if self.chromium.preflighted else self.firefox
            notes.insert(0, f"Only {asking.browser.name.capitalize()} sends a preflight here.")
        return tuple(dict.fromkeys(notes))


def judge(
    request: FetchRequest,
    respond: Responder,
    begin: Callable[[], None] = lambda: None,
    parse: ParseUrl = parse_url,
) -> Judgement:
    """Run the request in both browsers. `begin` is called before each."""
    begin()
    chromium = run_fetch(request, respond, CHROMIUM, parse=parse)
    begin()
    return Judgement(chromium, run_fetch(request, respond, FIREFOX, parse=parse))
