"""`crossgate/explain`: shows who may see it why the gateway refused a request."""

from crossgate.components.explain.component import Explain

__all__ = ["Explain"]
