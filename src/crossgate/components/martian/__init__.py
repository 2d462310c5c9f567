"""Modifiers of a backend's requests and responses, in Martian's JSON."""

from crossgate.components.martian.component import Martian

__all__ = ["Martian"]
