"""JSON Web Tokens: who may come in, by whose word, with which claims. `auth/validator`, `crossgate/auth`."""

from crossgate.components.jwt.component import Jwt

__all__ = ["Jwt"]
