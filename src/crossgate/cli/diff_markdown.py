"""The differences as Markdown for a merge request."""

import re
from collections.abc import Sequence

from crossgate.cli.diff_places import Shown, spot
from crossgate.cli.diff_text import UNDECIDED, requests_of, summary
from crossgate.cli.terminal import clean
from crossgate.compare.curl import backend_words, curl_line

_MOST_ENDPOINTS = 20
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render_markdown(shown: Sequence[Shown], total: int | None) -> str:
    """A heading, what opens something, then the rest."""
    lines = ["### What this change does to requests", "", _escaped(summary(shown, total)) + "."]
    for title, wanted in (
        ("Opens something", (False, True)),
        ("Differs", (False, False)),
        ("May differ", (True, None)),
    ):
        chosen = [one for one in shown if _section(one) == wanted]
        if chosen:
            lines += ["", f"#### {title}", ""]
            for one in chosen:
                lines += _item(one)
    return "\n".join(lines) + "\n"


def _section(one: Shown) -> tuple[bool, bool | None]:
    first = one.group.first
    return first.is_undecided, None if first.is_undecided else first.opens


def _item(one: Shown) -> list[str]:
    first, endpoints = one.group.first, one.group.endpoints
    subject = f"{_code(endpoints[0])}: " if endpoints else ""
    places = [f"{word} {_code(spot(span))}" for word, span in (("old", one.old), ("new", one.new)) if span is not None]
    where = f" ({', '.join(places)})" if places else ""
    lines = [f"- **{first.kind}** {subject}{_escaped(first.sentence)}{where}"]
    if one.requests is not None:
        lines.append(f"  - {requests_of(one.requests)}")
    if first.is_undecided:
        lines.append(f"  - {UNDECIDED}")
    if one.more:
        names = ", ".join(map(_code, endpoints[1 : 1 + _MOST_ENDPOINTS]))
        rest = f" and {one.more - _MOST_ENDPOINTS} more" if one.more > _MOST_ENDPOINTS else ""
        lines.append(f"  - at {one.group.count} endpoints; also {names}{rest}")
    if first.example is not None:
        said = "; ".join(text for text in (first.example.condition, backend_words(first.example)) if text)
        lines.append(f"  - {_code(curl_line(first.example))}{f' ({_escaped(said)})' if said else ''}")
    return lines


def _code(text: str) -> str:
    """A code span, whatever backticks are in the text."""
    text = clean(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(text: str) -> str:
    """Text that stays text, and tells nobody of it who has such a name."""
    return _SPECIAL.sub(r"\\\1", clean(text)).replace("@", "@<!-- -->")
