"""Whether bytes are a message or the head of one, by the word of a parser that checks every byte and keeps nothing.

Knows the parser's callbacks; does not know requests from responses, nor what a message says.
"""

from collections.abc import Callable
from typing import Any, Protocol

import httptools


class Parser(Protocol):
    """One of httptools' parsers."""

    def feed_data(self, data: bytes, /) -> Any:
        """Read on."""

    def should_keep_alive(self) -> bool:
        """Whether another message may follow."""


class WholeMessages:
    """One parser for the messages of any connections: between two of them it is where it was before the first.

    `is_whole` must be given no more than one message.
    """

    __slots__ = ("_complete", "_make", "_parser", "_takes_more")

    def __init__(self, make: Callable[["WholeMessages"], Parser]) -> None:
        self._make = make
        self._start_anew()

    def _start_anew(self) -> None:
        self._complete = self._takes_more = False
        self._parser = self._make(self)

    def is_whole(self, data: bytes) -> bool:
        """Whether `data` is a valid message, to its end; whatever it is, it leaves nothing behind."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._complete = False
        is_complete = self._complete
        if is_complete and self._takes_more:
            self._complete = False
        else:
            self._start_anew()
        return is_complete

    def on_message_complete(self) -> None:
        """Called by the parser. Behind what it holds for a connection's last message it would refuse any other."""
        self._complete = True
        self._takes_more = self._parser.should_keep_alive()


class HeadCheck:
    """Whether bytes, as they come, may be a head; for those that do not come together with the rest of a message.

    `failed` is the reason once they may not.
    """

    __slots__ = ("_parser", "failed", "is_head")

    def __init__(self, make: Callable[["HeadCheck"], Parser]) -> None:
        self.is_head = False
        self.failed = ""
        self._parser = make(self)

    def feed(self, data: bytes) -> bool:
        """Whether what came so far is valid."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.failed = "unexpected upgrade"
        except httptools.HttpParserError as error:
            self.failed = str(error) or type(error).__name__
        return not self.failed

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.is_head = True
