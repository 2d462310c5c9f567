"""Whether two backends' answers are read otherwise, and an answer that shows it: the decoders are asked themselves."""

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from crossgate.compare.manipulated import candidates_for
from crossgate.compare.visible import Visible
from crossgate.pipeline.backend import build_decoding
from crossgate.pipeline.decode import DecodeError
from crossgate.plan import BackendPlan

_FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>i</title></item></channel></rss>'
_PLAIN = (
    '{"other": 1}',
    "[1]",
    '[{"other": 1}]',
    "null",
    '"text"',
    "text",
    "<other>1</other>",
    _FEED,
    "",
)
UNREAD = object()
"""What becomes of an answer that cannot be read."""


def telling_answer(old: BackendPlan, new: BackendPlan, see: Visible) -> str | None:
    """An answer that the two make something else of, None where there is none: data filtered away are no difference."""
    before, after = build_decoding(old), build_decoding(new)

    def made_of(decode: Any, body: str) -> Any:
        try:
            return see(decode(body.encode()))
        except DecodeError:
            return UNREAD

    return next((body for body in _bodies(old, new) if made_of(before, body) != made_of(after, body)), None)


def good_answer(plan: BackendPlan) -> str | None:
    """An answer that can be read and of which something comes through, as far as there is one; None: any will do."""
    if plan.no_op:
        return None
    readable = None
    for body, data in read_answers(plan):
        if data:
            return body
        readable = readable or body
    return readable


def read_answers(plan: BackendPlan) -> Iterator[tuple[str, Any]]:
    """Answers that can be read, each with what becomes of it."""
    decode = build_decoding(plan)
    for body in _bodies(plan, plan):
        try:
            data = decode(body.encode())
        except DecodeError:
            continue
        yield body, data


def read_as(plan: BackendPlan, body: str) -> Any:
    """What becomes of an answer, UNREAD where nothing does."""
    if plan.no_op:
        return body
    try:
        return build_decoding(plan)(body.encode())
    except DecodeError:
        return UNREAD


def written(plan: BackendPlan, document: Any) -> Iterator[str]:
    """The document as that backend may write it, or something in its place where it cannot be written so."""
    yield json.dumps(document)
    if plan.config.encoding == "xml" and isinstance(document, dict):
        yield _element("document", document)
        yield from (_element(name, value) for name, value in document.items())
    if plan.config.encoding == "rss":
        yield _FEED
    yield "text"


def _bodies(old: BackendPlan, new: BackendPlan) -> Iterator[str]:
    yield from _PLAIN
    has_xml = "xml" in (old.config.encoding, new.config.encoding)
    for data in candidates_for(old.config, new.config):
        yield json.dumps(data)
        yield json.dumps([data])
        if isinstance(listed := data.get("collection"), list):
            yield json.dumps(listed)
        if has_xml:
            yield from (_element(name, value) for name, value in data.items())


def _element(name: str, value: Any) -> str:
    """A value as XML: a list is an element repeated, so that only what has a parent can be one."""
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        inner = "".join(_element(key, one) for key, one in value.items())
        return f"<{name}>{inner}</{name}>"
    return f"<{name}>{'' if value is None else escape(str(value))}</{name}>"
