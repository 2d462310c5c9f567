"""Tests of a configuration: the real gateway without sockets, its backends mocked, its clock moved by hand."""

from crossgate.testing.gateway import ConfigurationError, CorsVerdict, Gateway, GatewayAnswer

__all__ = ["ConfigurationError", "CorsVerdict", "Gateway", "GatewayAnswer"]
