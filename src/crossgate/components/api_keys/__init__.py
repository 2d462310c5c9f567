"""API keys: who may come in by a key of their own, and in which role."""

from crossgate.components.api_keys.component import ApiKeys

__all__ = ["ApiKeys"]
