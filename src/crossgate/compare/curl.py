"""A request as a line for a shell. Knows nothing of differences."""

import json
import shlex
from urllib.parse import quote

from crossgate.compare.difference import Answered, Example

GATEWAY = "http://localhost:8080"
_GLOBBED = frozenset("[]")  # what curl makes several addresses of
_SENT_AS_IS = "/?%:@!$&'()*+,;=~[]"


def sent_target(example: Example) -> str:
    """The target with nothing in it that a request cannot have: blanks, other alphabets, line breaks, `#`."""
    return quote(example.target, safe=_SENT_AS_IS, errors="surrogateescape")


def curl_line(example: Example) -> str:
    """The command that sends it; credentials are placeholders in parentheses."""
    words = ["curl", "-i"]
    target = sent_target(example)
    path = target.partition("?")[0]
    if "//" in path or "/." in path:
        words.append("--path-as-is")
    if _GLOBBED & set(target):
        words.append("-g")
    if example.method == "HEAD":
        words.append("-I")
    elif example.method != "GET" or example.body is not None:
        words += ["-X", example.method]
    for name, value in example.fields:
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if example.body is not None:
        words += ["--data-raw" if example.body.startswith("@") else "-d", example.body]
    return " ".join(map(shlex.quote, [*words, GATEWAY + target]))


def backend_words(example: Example) -> str:
    """What the backends have to answer for it, in words; empty where that does not matter."""
    which, others = "the backend", ""
    if example.only_backend:
        which = f"the backend that is asked for {example.only_backend}"
        said = json.dumps(example.others_data, ensure_ascii=False)
        others = f"the others answer {said} with status {example.others_status}"
    parts = [_answer_words(one) for one in example.answers]
    if example.backend_text is not None:
        parts.append(f"{which} answers {example.backend_text}")
    elif example.backend_data is not None:
        parts.append(f"{which} answers {json.dumps(example.backend_data, ensure_ascii=False)}")
    return "; ".join([*parts, others] if others else parts)


def _answer_words(one: Answered) -> str:
    where = f" at {' or '.join(map(_bare, one.hosts))}" if one.hosts else ""
    said = f"answers {one.text or 'nothing'} with status {one.status}" if one.status else "ends the connection"
    with_method = f" with {one.method}" if one.method else ""
    return f"the backend that is asked for {one.path}{with_method}{where} {said}"


def _bare(host: str) -> str:
    """A host without what it may hold of passwords."""
    return host.rpartition("@")[2]
