"""Expressions over requests, answers and claims that have to be true."""

from crossgate.components.cel.component import Cel

__all__ = ["Cel"]
