"""What the lint rules may ask about host names, answered by the Public Suffix List and IDNA 2008 (UTS 46).

Knows the two libraries and loads each when it is first asked, since most files need neither.
"""

from functools import cache

from crossgate.cors.rules import NameLookups


def name_lookups() -> NameLookups:
    """Look-ups for one run. The list takes about 0.1 s and 10 MB to load, on the first question."""
    load = cache(_load_public_suffixes)
    return NameLookups(is_public_suffix=lambda host: ascii_host(host) in load(), ascii_host=ascii_host)


def ascii_host(host: str) -> str | None:
    """The form of a host, or of one of its labels, that browsers send; None if it has none."""
    import idna

    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return _symbols_too(host)


def _symbols_too(host: str) -> str | None:
    """The form of a host that IDNA 2008 refuses and browsers take all the same, as UTS 46 lets them: emoji, say."""
    import idna

    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
        return ".".join([label if label.isascii() else _punycode(label) for label in labels])
    except (idna.IDNAError, UnicodeError):
        return None


def _punycode(label: str) -> str:
    import idna

    idna.check_initial_combiner(label)
    idna.check_bidi(label)
    return "xn--" + label.encode("punycode").decode("ascii")


class _PublicSuffixes:
    """The Public Suffix List as a container of hosts. Only listed suffixes count, not every last label."""

    def __init__(self) -> None:
        from publicsuffixlist import PublicSuffixList

        self._list = PublicSuffixList(accept_unknown=False)

    def __contains__(self, host: object) -> bool:
        return isinstance(host, str) and self._list.publicsuffix(host) == host


def _load_public_suffixes() -> _PublicSuffixes:
    return _PublicSuffixes()
