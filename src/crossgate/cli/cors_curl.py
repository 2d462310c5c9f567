"""A curl command as developer tools copy it, read as a request. Knows curl's options; runs nothing."""

import base64
import re
import shlex
from dataclasses import dataclass

from crossgate.cli.cors_recorded import RecordedRequest, UsageError, from_recorded

_DATA = frozenset(
    {"-d", "--data", "--data-raw", "--data-ascii", "--data-binary", "--data-urlencode", "-F", "--form", "--form-string"}
)
_FLAGS = "#0123468BGIJLMNORSZafgijklnpqsvV"
_LONG_FLAGS = re.compile(
    r"--(?:no-\w[\w-]*|compressed|insecure|location|location-trusted|silent|show-error|include|head|get|fail|verbose|http"
    r"[\w.-]+|globoff|path-as-is|tlsv[\d.]+|ipv[46]|ssl-reqd|tcp-nodelay|tr-encoding|raw|fail-with-body|remote-name|proto"
    r"-default)\Z"
)
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}


@dataclass(frozen=True, slots=True)
class CurlRequest:
    """What a curl command sends: `fields` as it sets them, `data` the options that make its body, in order.

    `in_query` says that they go into the URL instead. `left_out` are the lower-case names of fields that curl would add
    by itself and is told not to.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    in_query: bool
    left_out: frozenset[str] = frozenset()


def parse_curl(command: str) -> RecordedRequest:
    """What a page's script did where developer tools show it as a curl command. Raises UsageError."""
    request = read_curl(command)
    return from_recorded(
        request.method, request.url, request.fields, has_body=bool(request.data) and not request.in_query
    )


def read_curl(command: str) -> CurlRequest:
    """The request that a curl command makes. Options that do not touch the request are passed over.

    Raises UsageError where the command does not parse or names no URL.
    """
    try:
        words = shlex.split(_ANSI_C.sub(_plain_quotes, command.replace("\\\r\n", " ").replace("\\\n", " ")))
    except ValueError as error:
        raise UsageError(f"the curl command does not parse: {str(error).lower()}") from None
    if words and words[0].rpartition("/")[2] in ("curl", "curl.exe"):
        words = words[1:]
    return _Reader().read(words)


def _plain_quotes(found: re.Match[str]) -> str:
    def unescape(escape: re.Match[str]) -> str:
        number = escape[1] or escape[2]
        return chr(int(number, 16)) if number else _ESCAPED.get(escape[3], escape[3])

    return shlex.quote(_ESCAPE.sub(unescape, found[1]))


class _Reader:
    def __init__(self) -> None:
        self.method = ""
        self.url = ""
        self.fields: list[tuple[str, str]] = []
        self.data: list[tuple[str, str]] = []
        self.content_type = ""
        self.get = False
        self.left_out: set[str] = set()

    def read(self, words: list[str]) -> CurlRequest:
        queue = list(reversed(words))
        while queue:
            word = queue.pop()
            if not word.startswith("-") or word == "-":
                self.url = self.url or word
            elif word.startswith("--"):
                self._long(word, queue)
            else:
                self._short(word, queue)
        if not self.url:
            raise UsageError("the curl command names no URL")
        if "://" not in self.url:
            self.url = f"http://{self.url}"  # as curl does
        names = {name.lower() for name, _ in self.fields}
        body = bool(self.data) and not self.get
        if body and self.content_type and "content-type" not in names | self.left_out:
            self.fields.append(("Content-Type", self.content_type))
        method = self.method or ("POST" if body else "GET")
        return CurlRequest(method, self.url, tuple(self.fields), tuple(self.data), self.get, frozenset(self.left_out))

    def _short(self, word: str, queue: list[str]) -> None:
        letters = word[1:]
        while letters:
            option, letters = f"-{letters[0]}", letters[1:]
            if option == "-I":
                self.method = self.method or "HEAD"
            elif option == "-G":
                self.get = True
            elif option[1] not in _FLAGS:
                self._with_value(option, letters or _value(option, queue))
                return

    def _long(self, word: str, queue: list[str]) -> None:
        if word == "--head":
            self.method = self.method or "HEAD"
        elif word == "--get":
            self.get = True
        elif not _LONG_FLAGS.match(word):
            option, equals, value = word.partition("=")
            self._with_value(option, value if equals else _value(option, queue))

    def _with_value(self, option: str, value: str) -> None:
        if option in ("-X", "--request"):
            self.method = value
        elif option in ("-H", "--header"):
            self._header(value)
        elif option in _DATA:
            self.data.append((option, value))
            form = option in ("-F", "--form", "--form-string")
            self.content_type = "multipart/form-data" if form else "application/x-www-form-urlencoded"
        elif option == "--json":
            self.data.append((option, value))
            self.content_type = "application/json"
            self.fields.append(("Accept", "application/json"))
        elif option in ("-b", "--cookie"):
            self.fields.append(("Cookie", value))
        elif option in ("-u", "--user"):
            self.fields.append(("Authorization", "Basic " + base64.b64encode(value.encode()).decode("ascii")))
        elif option == "--oauth2-bearer":
            self.fields.append(("Authorization", f"Bearer {value}"))
        elif option in ("-e", "--referer"):
            self.fields.append(("Referer", value))
        elif option in ("-r", "--range"):
            self.fields.append(("Range", f"bytes={value}"))
        elif option in ("-A", "--user-agent"):
            self._header(f"User-Agent:{value}")
        elif option == "--url":
            self.url = value

    def _header(self, text: str) -> None:
        """`Name: value`; `Name;` is empty, and `Name:` takes away what curl adds."""
        name, colon, value = text.partition(":")
        if colon and name.strip() and value.strip():
            self.fields.append((name.strip(), value.strip()))
        elif colon and name.strip():
            self.left_out.add(name.strip().lower())
        elif not colon and text.rstrip().endswith(";"):
            self.fields.append((text.rstrip()[:-1].strip(), ""))


def _value(option: str, queue: list[str]) -> str:
    if not queue:
        raise UsageError(f"the curl command ends after {option}")
    return queue.pop()
