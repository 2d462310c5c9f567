"""What tests of benchmarks share: where they run, and what they need."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
needs_programs = pytest.mark.skipif(
    not (shutil.which("wrk") and shutil.which("nginx")), reason="wrk and nginx are not installed"
)
