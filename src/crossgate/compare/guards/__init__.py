"""What became of a guard: which of two values of a component lets more through, by component."""

from crossgate.compare.guards.table import compare_component

__all__ = ["compare_component"]
