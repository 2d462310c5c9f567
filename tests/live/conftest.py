"""Holds for all tests here: whatever the gateway refuses has a reason code."""

from tests.support.unexplained import every_refusal_has_a_reason

__all__ = ["every_refusal_has_a_reason"]
