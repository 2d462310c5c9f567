"""Hosts of backends as KrakenD cleans them. Source: lura v2 `config/uri.go`, CleanHost.

Knows text only: nothing is resolved or connected to.
"""

import re
from functools import lru_cache

_HOST = re.compile(r"(https?://)?([a-zA-Z0-9._\-]+)(:[0-9]{2,6})?/?")

SHORT_PORT = re.compile(r":[0-9]/?\Z")


class InvalidHostError(ValueError):
    """KrakenD refuses the host: `invalid host`."""


@lru_cache(maxsize=1024)
def clean_host(host: str) -> tuple[str, str]:
    """The host with a scheme and without a trailing slash, and what of the text was dropped in silence.

    KrakenD searches for the pattern anywhere in the text and wants exactly one hit, so that ` h ` becomes `http://h`
    and `h:8` is refused for being two hosts.
    """
    hits = list(_HOST.finditer(host))
    if len(hits) != 1:
        raise InvalidHostError(host)
    hit = hits[0]
    dropped = host[: hit.start()] + host[hit.end() :]
    return (hit[1] or "http://") + hit[2] + (hit[3] or ""), dropped
