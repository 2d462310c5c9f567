"""Differences tried: whether a request shows them, sent to the gateways of both files on test stands."""

from crossgate.compare.confirm.confirmed import confirmed

__all__ = ["confirmed"]
