"""What stands in for backends where a request is explained: answers that their encodings can read.

Nothing that a backend says is judged, so each says as little as it can. Does not know who asks.
"""

import re

from crossgate.config.model import EndpointConfig
from crossgate.testing.mocks import Answer, Mock

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_BODIES = {
    "xml": ("application/xml", b"<answer/>"),
    "rss": (
        "application/rss+xml",
        b'<rss version="2.0"><channel><title>t</title><link>http://backend/</link></channel></rss>',
    ),
    "string": ("text/plain", b"answer"),
}
TOKEN_ANSWER = b'{"access_token": "explained", "token_type": "bearer", "expires_in": 3600}'
"""What a token endpoint says to the gateway's own credentials."""


def backends_of(endpoint: EndpointConfig) -> list[Mock]:
    """A mock for each host of each backend."""
    mocks = []
    for backend in endpoint.backends:
        content_type, body = _BODIES.get(backend.encoding, ("application/json", b"{}"))
        if backend.is_collection and backend.encoding not in _BODIES:
            body = b"[]"
        answer = Answer(headers=(("Content-Type", content_type),), body=body)
        path = _PLACEHOLDER.sub("*", backend.url_pattern.partition("?")[0])
        hosts = backend.hosts if backend.sd == "static" else ("",)
        mocks += [Mock((answer,), host, "", path) for host in hosts]
    return mocks
