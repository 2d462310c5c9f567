"""Tokens of the gateway's own for backends: OAuth 2 client credentials."""

from crossgate.components.client_credentials.component import ClientCredentials

__all__ = ["ClientCredentials"]
