"""Hosts that are answered, redirects to https, and the response fields that browsers take for their safety."""

from crossgate.components.security_http.component import SecurityHttp

__all__ = ["SecurityHttp"]
