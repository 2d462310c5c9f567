"""URLs as far as a browser's CORS decisions look at them: origin, credentials, port, trustworthiness.

Takes URLs as they stand after a browser has parsed them and tolerates what people type. A whole parser of the URL
standard is a `ParseUrl` that callers pass in, since the engine has no third parties. Does not know requests, resolves
no name, converts no internationalised host.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

OPAQUE_ORIGIN = "null"
"""The serialization of every opaque origin: sandboxed frames, `data:` and `file:` pages, some redirects."""

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<authority>[^/?#\\]*))?(?P<rest>.*)\Z", re.DOTALL)
# URL, "forbidden domain code point": what is left of ASCII.
_HOST = re.compile(r"""(?:[!"$&'()*+,;=_`{}~A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])\Z""")

# Fetch, "port blocking": the table of bad ports.
_BAD_PORT_NUMBERS = """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119
    123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989
    990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080
"""
_BAD_PORTS = frozenset(map(int, _BAD_PORT_NUMBERS.split()))


class UrlError(ValueError):
    """A text that is no URL a page could fetch. Its message is a plain sentence part."""


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed http or https URL. `port` is never None; `target` begins with a slash and has no fragment."""

    scheme: str
    host: str
    port: int
    target: str
    username: str = ""
    password: str = ""

    @property
    def origin(self) -> str:
        """The serialized origin (HTML, "ASCII serialisation of an origin"): no default port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's default."""
        return self.host if _DEFAULT_PORTS[self.scheme] == self.port else f"{self.host}:{self.port}"

    @property
    def includes_credentials(self) -> bool:
        """URL, "includes credentials": a user name or a password stands in it."""
        return bool(self.username or self.password)

    def __str__(self) -> str:
        return self.origin + self.target


class ParseUrl(Protocol):
    """How a text becomes a URL. Raises UrlError."""

    def __call__(self, text: str, base: Url | None = None, /) -> Url:
        """An http or https URL, absolute or, with a base, relative to it."""


def parse_url(text: str, base: Url | None = None, /) -> Url:
    """The standard library's way: as the URL standard, but for dot segments and odd spellings of IPv4 addresses."""
    return _parse_absolute(text) if base is None else _parse_relative(text, base)


def _parse_absolute(text: str) -> Url:
    text = text.strip("\t\n\r\x0b\x0c ").replace("\t", "").replace("\n", "").replace("\r", "")
    found = _URL.match(text)
    if found is None:
        raise UrlError("is not absolute: it needs a scheme and a host, as in https://api.example/users")
    scheme = found["scheme"].lower()
    if scheme not in ("http", "https"):
        raise UrlError(f"has the scheme {scheme}, which is not http or https")
    if not found["authority"]:
        raise UrlError("names no host")
    credentials, at, hostport = found["authority"].rpartition("@")
    username, _, password = credentials.partition(":") if at else ("", "", "")
    host, port = _split_port(hostport, _DEFAULT_PORTS[scheme])
    path, question, query = found["rest"].split("#", 1)[0].partition("?")
    rest = path.replace("\\", "/") + question + query  # a browser takes either slash
    target = rest if rest.startswith("/") else "/" + rest
    target = "".join(c if "!" <= c <= "~" else _percent(c) for c in target)
    return Url(scheme, host, port, target, username, password)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _split_port(hostport: str, default: int) -> tuple[str, int]:
    host, port = hostport, default
    if not hostport.endswith("]"):
        name, colon, digits = hostport.rpartition(":")
        if colon:
            host = name
            if digits:
                if not (digits.isascii() and digits.isdigit()) or len(digits) > 6 or int(digits) > 65535:
                    raise UrlError(f"has the port {digits}, which is not a number up to 65535")
                port = int(digits)
    if not _HOST.match(host):
        raise UrlError("has a host with characters that no host has" if host else "names no host")
    if host.startswith("["):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1])}]"
        except ValueError:
            raise UrlError("has an IPv6 address that does not parse") from None
    return host.lower(), port


def _parse_relative(text: str, base: Url) -> Url:
    path, question, query = text.partition("?")
    text = path.replace("\\", "/") + question + query
    try:
        return _parse_absolute(urljoin(f"{base.origin}{base.target}", text))
    except ValueError as error:
        if isinstance(error, UrlError):
            raise
        raise UrlError("does not parse") from None


def parse_origin(text: str) -> str:
    """The origin a page at that URL (or of that origin) has, serialized as browsers send it. Raises UrlError.

    `null` stands for every opaque origin. Origins of schemes that are not http or https (extensions, apps) pass as
    they are when they look like an origin.
    """
    text = text.strip()
    if text.lower() == OPAQUE_ORIGIN:
        return OPAQUE_ORIGIN
    found = _URL.match(text)
    if found is None or found["authority"] is None:
        raise UrlError("is not an origin: it needs a scheme and a host, as in https://app.example")
    scheme = found["scheme"].lower()
    if scheme in ("http", "https"):
        return parse_url(text).origin
    if scheme in ("file", "data", "blob", "about", "javascript", "ftp", "ws", "wss"):
        raise UrlError(f"has the scheme {scheme}; a page of it has an opaque origin: use null")
    if not found["authority"] or not text.isascii() or re.search(r"[\x00-\x20\x7f]", text):
        raise UrlError("names no host")
    return f"{scheme}://{found['authority']}"


def same_origin(origin: str, url: Url) -> bool:
    """HTML, "same origin". An opaque origin is never the same as that of an http or https URL."""
    return origin != OPAQUE_ORIGIN and origin == url.origin


def potentially_trustworthy(origin: str) -> bool:
    """Secure Contexts, section 3.1: https, or a host that is sure to be this machine. False for opaque origins."""
    scheme, _, rest = origin.partition("://")
    if scheme in ("https", "wss"):
        return True
    return scheme in ("http", "ws") and loopback_host(rest)


def loopback_host(host: str) -> bool:
    """Whether that host (a port may follow) is 127.0.0.0/8, ::1, localhost or below localhost."""
    host = _without_port(host).removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def local_network_host(host: str) -> bool:
    """Whether that host is sure to lie in a local address space (private, link-local, loopback, `.local`)."""
    name = _without_port(host)
    if loopback_host(name) or name.endswith(".local"):
        return True
    address = _address(name)
    return address is not None and (address.is_private or address.is_link_local)


def blocked_port(url: Url) -> bool:
    """Fetch, "port blocking": ports of other protocols, which browsers never call."""
    return url.port in _BAD_PORTS


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
