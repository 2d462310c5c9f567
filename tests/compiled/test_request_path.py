"""What most requests go through is on the list of what is compiled, so that the list does not fall behind the code."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import crossgate
from benchmarks.gateway.workloads import WORKLOADS, Workload
from benchmarks.profile.__main__ import run
from crossgate.form import is_compiled
from tests.compiled.test_form import MODULES

PACKAGE = Path(crossgate.__file__).parent
# These stay Python: where tokens are checked most is C anyhow, and mypyc takes no class that inherits from str.
LEFT_OUT = ("crossgate/components/", "crossgate/jose/", "crossgate/limits/", "crossgate/golang/json_text.py")


@pytest.mark.skipif(is_compiled(), reason="what is compiled cannot be watched; the list is the same")
def test_every_module_that_an_ordinary_request_goes_through_is_on_the_list() -> None:
    seen: set[str] = set()

    def watched(_workload: Workload, once: Callable[[], None]) -> str:
        def note(frame: FrameType, event: str, _argument: object) -> None:
            file = Path(frame.f_code.co_filename)
            if event == "call" and file.is_relative_to(PACKAGE):
                seen.add(str(file.relative_to(PACKAGE.parent)))

        sys.setprofile(note)
        try:
            once()
        finally:
            sys.setprofile(None)
        return ""

    run([workload for workload in WORKLOADS if workload.can_be_paced], watched)
    assert len(seen) > 30
    assert sorted(file for file in seen if file not in MODULES and not file.startswith(LEFT_OUT)) == []
