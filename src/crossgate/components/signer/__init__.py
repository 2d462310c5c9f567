"""The signer: fields of an endpoint's answer become signed tokens. `auth/signer`."""

from crossgate.components.signer.component import Signer

__all__ = ["Signer"]
