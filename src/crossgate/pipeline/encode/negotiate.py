"""`negotiate`: which encoding an Accept field asks for, as gin decides it."""

_OFFERS = (
    (b"application/json", "json"),
    (b"text/plain", "yaml"),
    (b"application/xml", "xml"),
    (b"application/x-yaml", "yaml"),
)


def accepted_encoding(accept: bytes | None) -> str:
    """The encoding of the first media range that has an offer; json where none has.

    Ranges are tried in the order of the field, q-values are ignored, case matters, and whatever an offer begins with
    matches it: `text/*` and even `text/p` are `text/plain`, which gets YAML. Source: gin 1.10 `context.go`,
    NegotiateFormat and `utils.go`, parseAccept.
    """
    for element in (accept or b"").split(b","):
        semicolon = element.find(b";")
        media_range = (element[:semicolon] if semicolon > 0 else element).strip()
        if not media_range:
            continue
        beginning, star, _ = media_range.partition(b"*")
        for offer, encoding in _OFFERS:
            if offer.startswith(beginning) and (not star or len(beginning) < len(offer)):
                return encoding
    return "json"
