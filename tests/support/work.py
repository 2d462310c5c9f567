"""Work counted instead of timed: how many calls something makes, whatever else the machine does."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_of(act: Callable[[], Any]) -> int:
    """How many functions are called, Python's and C's."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def grows_linearly(act: Callable[[int], Any], few: int = 100, many: int = 1_000) -> bool:
    """Whether ten times as much is about ten times the work. Something quadratic would make it a hundred times."""
    act(few)  # what is imported or compiled when first used
    return calls_of(lambda: act(many)) < calls_of(lambda: act(few)) * 1.3 * many / few


def many_endpoints(count: int) -> dict[str, Any]:
    """A configuration with so many endpoints, as they are: parameters, guards, limits, and things to be warned of."""
    return {
        "version": 3,
        "host": ["http://backend.internal:8080"],
        "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"]}},
        "endpoints": [_endpoint(number) for number in range(count)],
    }


def _endpoint(number: int) -> dict[str, Any]:
    guards: dict[str, Any] = {}
    if number % 2:
        guards["auth/validator"] = {
            "alg": "RS256",
            "audience": [f"audience-{number % 7}"],
            "jwk_url": "https://id.example.com/keys.json",
        }
    if number % 5 == 0:
        guards["qos/ratelimit/router"] = {"max_rate": 10 + number % 3}
    if number % 10 == 0:
        guards["security/cors"] = {"allow_origins": ["https://other.example.com"]}  # ignored there
    parts = [
        {"url_pattern": f"/v1/thing-{number}/{{id}}/part-{part}", "allow": ["id", "name"], "group": f"part{part}"}
        for part in range(1 + number % 3)
    ]
    return {
        "endpoint": f"/part-{number % 17}/thing-{number}/{{id}}",
        "input_headers": ["Authorization"],
        "timeout": f"{1000 + number % 4}ms",
        "backend": parts,
        "extra_config": guards,
    }
