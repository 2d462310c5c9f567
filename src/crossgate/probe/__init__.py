"""Asking a live server what a browser would ask, within hard bounds. Knows HTTP/1.1 and sockets; no configuration."""

from crossgate.probe.client import ProbeClient, ProbeLimits

__all__ = ["ProbeClient", "ProbeLimits"]
