"""A feed made safe for feedparser: its root element alone, well-formed, of bounded depth, without HTML's entities.

feedparser falls back to guessing where XML is broken, and searches a document's head with patterns that are quadratic;
what comes out of here gives it no occasion for either. Knows XML; not feeds.

DEVIATION(DEV-DATA-5): a feed that is not well-formed is refused; KrakenD's parser is lenient.
"""

import html.entities
import re
from xml.parsers import expat

from crossgate.pipeline.decode.charset import xml_text
from crossgate.pipeline.decode.errors import DecodeError

_MAX_DEPTH = 256
_MAX_PERSON_CHARACTERS = 512  # feedparser looks for an address in them with a quadratic pattern
_PERSONS = frozenset(
    {"author", "creator", "publisher", "contributor", "owner", "managingeditor", "webmaster", "name", "email"}
)
# A CDATA section is taken whole and left alone; one that never ends goes to the end, so that it is looked at once.
_NAMED_ENTITY = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&([A-Za-z][A-Za-z0-9]{1,31});", re.DOTALL)
_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def feed_source(body: bytes) -> bytes:
    """UTF-8 XML from the root's `<` to its end. Raises DecodeError."""
    try:
        text = xml_text(body)
    except DecodeError:
        raise DecodeError("Failed to detect feed type") from None
    source = text.encode() if isinstance(text, str) else text
    source = _NAMED_ENTITY.sub(_character, source)
    return _Outline(source).root()


def _character(match: re.Match[bytes]) -> bytes:
    """HTML's `&nbsp;` and friends, which feeds use and XML does not know, as the character itself."""
    if match[1] is None or match[1] in _OF_XML:
        return match[0]
    character = html.entities.html5.get(f"{match[1].decode('ascii')};")
    return match[0] if character is None or character in "<>&\"'" else character.encode()


class _Outline:
    __slots__ = ("_depth", "_parser", "_person_characters", "_person_depth", "_source", "_start")

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._depth = 0
        self._start = -1
        self._person_depth = 0  # of the outermost element around here that is about a person; 0: there is none
        self._person_characters = 0
        parser = expat.ParserCreate()
        parser.CharacterDataHandler = self._text
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = _refuse_entity
        self._parser = parser

    def root(self) -> bytes:
        try:
            self._parser.Parse(self._source, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise DecodeError(f"XML syntax error on line {error.lineno}: {reason}") from None
        return self._source[self._start :]

    def _open(self, name: str, _attributes: dict[str, str]) -> None:
        if self._start < 0:
            self._start = self._parser.CurrentByteIndex
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise DecodeError("XML syntax error: elements are nested too deep")
        if not self._person_depth and name.rpartition(":")[2].lower() in _PERSONS:
            self._person_depth = self._depth
            self._person_characters = 0

    def _close(self, _name: str) -> None:
        if self._depth == self._person_depth:
            self._person_depth = 0
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._person_depth:
            self._person_characters += len(text)
            if self._person_characters > _MAX_PERSON_CHARACTERS:
                raise DecodeError("the feed cannot be read: the name of a person is too long")


def _refuse_entity(name: str, *_: object) -> None:
    raise DecodeError(f"XML syntax error: invalid character entity &{name};")
