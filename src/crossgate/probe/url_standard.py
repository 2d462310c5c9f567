"""URLs and origins as the URL standard reads them, by Ada, the parser of Node.js.

For the tools that say what a browser does; the engine and the gateway do without. Knows texts and URLs; no requests.
"""

from crossgate.cors.fetch.url import OPAQUE_ORIGIN, Url, UrlError, parse_origin, parse_url

_DEFAULT_PORTS = {"http:": 80, "https:": 443}


def parse_standard_url(text: str, base: Url | None = None, /) -> Url:
    """An http or https URL as a browser takes it, absolute or, with a base, relative to it. Raises UrlError."""
    import ada_url  # takes longer than the rest of the command line together

    # A script's text is UTF-16 in which halves of pairs become replacement characters (Web IDL, USVString).
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    try:
        found = ada_url.URL(text) if base is None else ada_url.URL(text, str(base))
    except ValueError:
        parse_url(text, base)  # it has words for what is wrong
        raise UrlError("does not parse by the URL standard") from None
    protocol = found.protocol
    if protocol not in _DEFAULT_PORTS:
        raise UrlError(f"has the scheme {protocol[:-1]}, which is not http or https")
    href = found.href.partition("#")[0]
    return Url(
        protocol[:-1],
        found.hostname,
        int(found.port) if found.port else _DEFAULT_PORTS[protocol],
        href[href.index("/", len(protocol) + 2) :],
        found.username,
        found.password,
    )


def parse_standard_origin(text: str) -> str:
    """The origin a page at that URL has, serialized as browsers send it; see `parse_origin`. Raises UrlError."""
    text = text.strip()
    scheme = text.partition(":")[0].lower()
    if text.lower() == OPAQUE_ORIGIN or scheme not in ("http", "https"):
        return parse_origin(text)
    return parse_standard_url(text).origin
