"""What must not cost: timers for requests that do not wait, memory for names that clients make up."""

import pytest

from crossgate.flow.timers import Timers
from crossgate.pipeline.forward import CanonicalNames
from tests.support.pipeline import Gateway, endpoint, request, service


@pytest.mark.parametrize("path", ["/no-op", "/json", "/nowhere", "/__health"])
def test_request_that_never_waits_makes_no_timer(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(service(endpoint("/no-op", output_encoding="no-op"), endpoint("/json")))
    made: list[float] = []
    monkeypatch.setattr(Timers, "after", lambda _self, seconds, _callback: made.append(seconds))
    assert gateway.start(request(path)).done.settled
    assert made == []


def test_names_that_clients_make_up_are_not_remembered_without_bound() -> None:
    names = CanonicalNames()
    for index in range(3 * CanonicalNames.MEMO_SIZE):
        assert names(b"x-made-up-%d" % index) == b"X-Made-Up-%d" % index
    assert len(names._known) == CanonicalNames.MEMO_SIZE
