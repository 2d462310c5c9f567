"""Bodies of requests that have to be what a JSON schema says."""

from crossgate.components.json_schema.component import JsonSchema

__all__ = ["JsonSchema"]
