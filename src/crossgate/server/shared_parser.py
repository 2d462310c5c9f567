"""One parser for the requests of all connections: it checks every byte and takes field lines apart, in C.

Between two requests it is where it was before the first; whatever it is given, it leaves nothing behind. Knows the
parser's callbacks; does not know what a request says.
"""

from typing import Final

import httptools

from crossgate.http.field_names import FieldNames, KnownNames

_TAB: Final = ord("\t")  # as a number: to look for bytes in bytes costs Python an exception


class SharedParser:
    """Feed it one head, perhaps the body behind it, and then `settle`.

    `refusal` is why the last head that was none is none, in the parser's words.
    """

    __slots__ = ("_is_complete", "_names", "_parser", "_raw", "_takes_more", "on_header", "refusal")

    def __init__(self) -> None:
        self._names = KnownNames()
        self._raw: dict[bytes, bytes] = {}
        self.refusal = ""
        # The dictionary's own method, so that no function of Python's is called for a field.
        self.on_header = self._raw.__setitem__
        self._start_anew()

    def _start_anew(self) -> None:
        self._raw.clear()
        self._is_complete = self._takes_more = False
        self._parser = httptools.HttpRequestParser(self)

    def feed_head(self, head: bytes) -> tuple[FieldNames, list[bytes]] | None:
        """Names and values, of which fewer than lines mean that names repeat; None: the head is none.

        Outer blanks of values are gone. Raises HttpParserUpgrade for a head that asks for one; nothing is left then.
        """
        try:
            self._parser.feed_data(head)
        except httptools.HttpParserError as error:
            self.refusal = str(error)
            self._start_anew()
            return None
        except httptools.HttpParserUpgrade:
            self._start_anew()
            raise
        raw = self._raw
        names = self._names.of(tuple(raw))
        values = list(raw.values())
        raw.clear()
        if head.find(b" \r") >= 0 or _TAB in head:
            values = [value.rstrip(b" \t") for value in values]
        return names, values

    def feed_body(self, body: bytes) -> None:
        """The bytes behind the head."""
        try:
            self._parser.feed_data(body)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._is_complete = False

    def settle(self) -> bool:
        """Whether what was fed is one whole request; it is forgotten in any case."""
        is_complete = self._is_complete
        if is_complete and self._takes_more:
            self._is_complete = False
        else:
            self._start_anew()
        return is_complete

    def on_message_complete(self) -> None:
        """Called by the parser. Behind what it holds for a connection's last message it would refuse any other."""
        self._is_complete = True
        self._takes_more = self._parser.should_keep_alive()
