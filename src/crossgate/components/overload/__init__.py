"""Overload: bounds on what is under way, a short queue, and a cheap refusal of what is more."""

from crossgate.components.overload.component import Overload

__all__ = ["Overload"]
