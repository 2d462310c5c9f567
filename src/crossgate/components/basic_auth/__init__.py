"""Basic authentication: users with passwords, from a file or from the configuration."""

from crossgate.components.basic_auth.component import BasicAuth

__all__ = ["BasicAuth"]
