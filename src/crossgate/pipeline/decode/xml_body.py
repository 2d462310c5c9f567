"""XML bodies, by the rules of mxj: the root element as key, attributes as `-name`, text beside them as `#text`.

Every leaf is a string, repeated elements become a list, an empty element is `""`, prefixes of namespaces are dropped.
expat parses; nothing is ever fetched and no entity is ever expanded. Source: krakend-xml 2 `xml.go`, mxj `xml.go`.
"""

from typing import Any
from xml.parsers import expat

from crossgate.golang.json_parser import MAX_DEPTH
from crossgate.pipeline.decode.charset import xml_text
from crossgate.pipeline.decode.errors import DecodeError, refuse_too_many

MAX_TAGS = 500_000
"""Of one document, closing ones counted: about a second at worst."""

_TRIMMED = "\t\r\b\n "
_CUT_OFF = frozenset({expat.errors.codes[message] for message in (
    expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
)})  # fmt: skip


def decode_xml_body(body: bytes, is_collection: bool) -> dict[str, Any]:
    """The document under its root's name; with `is_collection` all of that under `collection`.

    What stands before the root and after its end is ignored.

    DEVIATION(DEV-DATA-1): a document that declares an entity is refused; KrakenD refuses it only when one is used.
    DEVIATION(DEV-DATA-9): so is one nested deeper than 10,000 elements; KrakenD has no limit.
    """
    refuse_too_many(body.count(b"<"), MAX_TAGS, "tags")
    document = _Reader().read(xml_text(body))
    return {"collection": document} if is_collection else document


class _RootClosedError(Exception):
    """The root element ended: mxj reads no further."""


class _Element:
    """An element being read. `text` is what stood in it before its first member."""

    __slots__ = ("members", "name", "text")

    def __init__(self, name: str, members: dict[str, Any]) -> None:
        self.name = name
        self.members = members
        self.text = ""

    def value(self) -> Any:
        """As mxj gives it: a string, or a dict if it has attributes or elements."""
        if not self.members:
            return self.text
        if self.text:
            self.members["#text"] = self.text
        return self.members


class _Reader:
    """One document. Text comes in runs that comments and CDATA sections end; of several the last counts."""

    __slots__ = ("_document", "_open", "_parser", "_run")

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._run: list[str] = []
        self._document: dict[str, Any] = {}
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._run.append
        parser.CommentHandler = self._end_run
        parser.ProcessingInstructionHandler = self._end_run
        parser.StartCdataSectionHandler = self._end_run
        parser.EndCdataSectionHandler = self._end_run
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = _refuse_entity
        self._parser = parser

    def read(self, text: str | bytes) -> dict[str, Any]:
        """The document as data. Raises DecodeError."""
        try:
            self._parser.Parse(text, True)
        except _RootClosedError:
            return self._document
        except expat.ExpatError as error:
            reason = "unexpected EOF" if error.code in _CUT_OFF else expat.ErrorString(error.code)
            raise _syntax_error(error.lineno, reason) from None
        raise _syntax_error(self._parser.CurrentLineNumber, "unexpected EOF")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._end_run()
        if len(self._open) >= MAX_DEPTH:
            raise _syntax_error(self._parser.CurrentLineNumber, "elements are nested too deep")
        members: dict[str, Any] = {f"-{_local(key)}": value for key, value in attributes.items()}
        self._open.append(_Element(_local(name), members))

    def _end(self, name: str) -> None:  # noqa: ARG002
        self._end_run()
        element = self._open.pop()
        value = element.value()
        if not self._open:
            self._document = {element.name: value}
            raise _RootClosedError
        members = self._open[-1].members
        if element.name not in members:
            members[element.name] = value
            return
        before = members[element.name]
        if type(before) is list:
            before.append(value)
        else:
            members[element.name] = [before, value]

    def _end_run(self, *_: str) -> None:
        if not self._run:
            return
        text = "".join(self._run).strip(_TRIMMED)
        self._run.clear()
        if text and self._open:
            element = self._open[-1]
            if element.members:
                element.members["#text"] = text
            else:
                element.text = text


def _local(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return local if colon and prefix and local else name


def _refuse_entity(name: str, *_: object) -> None:
    raise DecodeError(f"xml.Decoder.Token() - XML syntax error: invalid character entity &{name};")


def _syntax_error(line: int, reason: str) -> DecodeError:
    return DecodeError(f"xml.Decoder.Token() - XML syntax error on line {line}: {reason}")
