"""Whether a text is a template for KrakenD's flexible configuration, which is no JSON before it is rendered.

Knows what Go's template actions look like; renders nothing.
"""

import re

_ACTION = re.compile(
    r"""\{\{-?\s*(?:
        /\* | [.$(]                                                     # a comment, data, a variable, a pipeline
        | (?:if|else|end|range|with|define|template|block|break|continue|include|marshal)\b
        | [A-Za-z]\w*(?:\s[^:{}]*)?-?\}\}                                # a function; in JSON's place there is a colon
    )""",
    re.VERBOSE,
)


def find_action(text: str) -> tuple[int, int] | None:
    """Where the first template action stands: the offsets of its beginning and its end. None if there is none."""
    match = _ACTION.search(text)
    if match is None:
        return None
    end = text.find("}}", match.start())
    line_end = text.find("\n", match.start())
    stops = [stop for stop in (end + 2 if end >= 0 else -1, line_end) if stop > match.start()]
    return match.start(), min(stops, default=len(text))
