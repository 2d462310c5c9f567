"""The scripts as a component: gates before the service and endpoints, and what stands around calls."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.lua.config import (
    BACKEND,
    ENDPOINT,
    NAMESPACES,
    decode_endpoint_scripts,
    decode_scripts,
)
from crossgate.components.lua.reasons import REASONS
from crossgate.config.section import Section
from crossgate.plan import Plan


class Lua(Component):
    """The component."""

    name = "lua"
    namespaces = NAMESPACES
    reasons = REASONS
    deviations = tuple(f"DEV-LUA-{number}" for number in range(1, 11))
    wraps_calls = True
    wraps_endpoints = True
    service_after = "security_http"
    calls_after = "rate_limit"

    def decode_service(self, section: Section) -> Any:
        """Scripts, or None."""
        return decode_scripts(section, ENDPOINT)

    def decode_endpoint(self, section: Section) -> Any:
        """EndpointScripts, or None."""
        return decode_endpoint_scripts(section)

    def decode_backend(self, section: Section) -> Any:
        """Scripts, or None."""
        return decode_scripts(section, BACKEND)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's hosts, and what uses them."""
        from crossgate.components.lua.part import LuaPart

        return LuaPart(plan, surroundings)
