"""`documentation/openapi`: what a configuration says about its API for people."""

from crossgate.components.openapi.component import OpenApi

__all__ = ["OpenApi"]
