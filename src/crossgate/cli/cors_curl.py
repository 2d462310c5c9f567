"""A curl command as developer tools copy it, read as a request. Knows curl's options; runs nothing."""

import base64
import re
from dataclasses import dataclass

from crossgate.cli.command_words import command_words
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
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OTHER_TOOLS = re.compile(r"\s*(?:await\s+)?(?:fetch\(|Invoke-WebRequest|Invoke-RestMethod|\$session\b|wget\s|http\s)")
_ENCODINGS = "deflate, gzip, br, zstd"
_OTHER_AUTH = frozenset(("--digest", "--ntlm", "--negotiate", "--anyauth", "--aws-sigv4"))
_SEVERAL = re.compile(r"\{[^{}]*,[^{}]*\}|\[(?:\d+-\d+|[a-z]-[a-z]|[A-Z]-[A-Z])(?::\d+)?\]")


@dataclass(frozen=True, slots=True)
class CurlRequest:
    """What a curl command sends: `fields` as it sets them, `data` the options that make its body, in order.

    `in_query` says that they go into the URL instead, as `url_queries` do in any case. `left_out` are the lower-case
    names of fields that curl would add by itself and is told not to, `field_files` the files that have more of them.
    `upload` is the file that is the body. `target` takes the place of the URL's path; with `is_path_as_is` its dot
    segments stay. `notes` are for people.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    in_query: bool
    left_out: frozenset[str] = frozenset()
    field_files: tuple[str, ...] = ()
    url_queries: tuple[str, ...] = ()
    upload: str = ""
    target: str = ""
    is_path_as_is: bool = False
    notes: tuple[str, ...] = ()


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
    if _OTHER_TOOLS.match(command):
        raise UsageError("that is no curl command: in developer tools, choose Copy as cURL")
    words = command_words(command.strip().removeprefix("$ ").removeprefix("> "))
    while words and _ASSIGNMENT.match(words[0]):
        words.pop(0)
    if words and re.split(r"[/\\]", words[0])[-1].lower() in ("curl", "curl.exe"):
        words = words[1:]
    return _Reader().read(words)


class _Reader:
    def __init__(self) -> None:
        self.method = ""
        self.fields: list[tuple[str, str]] = []
        self.data: list[tuple[str, str]] = []
        self.content_type = ""
        self.accept = ""
        self.cookies: list[str] = []
        self.credentials = ""
        self.urls: list[str] = []
        self.field_files: list[str] = []
        self.url_queries: list[str] = []
        self.upload = self.target = ""
        self.flags: set[str] = set()
        self.get = False
        self.left_out: set[str] = set()

    def read(self, words: list[str]) -> CurlRequest:
        queue = list(reversed(words))
        while queue:
            word = queue.pop()
            if not word.startswith("-") or word == "-":
                self.urls.append(word)
            elif word.startswith("--"):
                self._long(word, queue)
            else:
                self._short(word, queue)
        if not self.urls:
            raise UsageError("the curl command names no URL")
        url = self.urls[0]
        if "--globoff" not in self.flags and _SEVERAL.search(url):
            raise UsageError(f"{url[:200]} stands for several URLs: write one of them, or add --globoff")
        if "://" not in url:
            url = f"http://{url}"  # as curl does
        body = bool(self.data) and not self.get
        added = [("Cookie", ";".join(self.cookies))] if self.cookies else []
        if self.credentials and not self.flags & _OTHER_AUTH:
            added.append(("Authorization", self.credentials))
        if "--compressed" in self.flags:
            added.append(("Accept-Encoding", _ENCODINGS))
        if self.accept:
            added.append(("Accept", self.accept))
        if body and self.content_type:
            added.append(("Content-Type", self.content_type))
        names = {name.lower() for name, _ in self.fields} | self.left_out
        self.fields += [field for field in added if field[0].lower() not in names]
        method = self.method or ("PUT" if self.upload else "POST" if body else "GET")
        more = len(self.urls) - 1
        return CurlRequest(
            method,
            url,
            tuple(self.fields),
            tuple(self.data),
            self.get,
            frozenset(self.left_out),
            tuple(self.field_files),
            tuple(self.url_queries),
            self.upload,
            self.target,
            "--path-as-is" in self.flags,
            (f"The command asks {more + 1} URLs; explained is the first.",) if more else (),
        )

    def _short(self, word: str, queue: list[str]) -> None:
        letters = word[1:]
        while letters:
            option, letters = f"-{letters[0]}", letters[1:]
            if option == "-I":
                self.method = self.method or "HEAD"
            elif option == "-G":
                self.get = True
            elif option == "-g":
                self.flags.add("--globoff")
            elif option[1] not in _FLAGS:
                self._with_value(option, letters or _value(option, queue))
                return

    def _long(self, word: str, queue: list[str]) -> None:
        if word == "--head":
            self.method = self.method or "HEAD"
        elif word == "--get":
            self.get = True
        elif _LONG_FLAGS.match(word) or word in _OTHER_AUTH:
            self.flags.add(word)
            if word == "--aws-sigv4":
                _value(word, queue)
        else:
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
            self.content_type = self.accept = "application/json"
        elif option in ("-b", "--cookie"):
            if "=" not in value:
                raise UsageError(f"-b {value[:60]} reads cookies from a file: write them as -b 'name=value'")
            self.cookies.append(value)
        elif option in ("-u", "--user"):
            self.credentials = "Basic " + base64.b64encode(value.encode()).decode("ascii")
        elif option == "--oauth2-bearer":
            self.credentials = f"Bearer {value}"
        elif option in ("-K", "--config"):
            raise UsageError(f"{option} {value[:60]} reads options from a file: write them into the command")
        elif option in ("-T", "--upload-file"):
            self.upload = value
        elif option == "--url-query":
            self.url_queries.append(value)
        elif option == "--request-target":
            self.target = value
        elif option in ("-e", "--referer"):
            self._header(f"Referer:{value.removesuffix(';auto')}")
        elif option in ("-r", "--range"):
            self.fields.append(("Range", f"bytes={value}"))
        elif option in ("-A", "--user-agent"):
            self._header(f"User-Agent:{value}")
        elif option == "--url":
            self.urls.append(value)

    def _header(self, text: str) -> None:
        """`Name: value`; `Name;` is empty, `Name:` takes away what curl adds, and `@file` has more of them."""
        if text.startswith("@"):
            self.field_files.append(text[1:])
            return
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
