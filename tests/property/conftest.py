"""What several comparisons of random configurations need. Knows nothing of what is compared."""

from functools import cache

import pytest

from crossgate.config import host_names


@pytest.fixture
def one_list_of_suffixes(monkeypatch):
    """The list of public suffixes read once, not for each configuration."""
    monkeypatch.setattr(host_names, "_load_public_suffixes", cache(host_names._load_public_suffixes))
