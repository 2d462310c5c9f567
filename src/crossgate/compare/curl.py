"""A request as a line for a shell. Knows nothing of differences."""

import json
import shlex

from crossgate.compare.difference import Example

GATEWAY = "http://localhost:8080"


def curl_line(example: Example) -> str:
    """The command that sends it; credentials are placeholders in parentheses."""
    words = ["curl", "-i"]
    if example.method != "GET":
        words += ["-X", example.method]
    for name, value in example.fields:
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if example.body is not None:
        words += ["-d", example.body]
    return " ".join(map(shlex.quote, [*words, GATEWAY + example.target]))


def backend_words(example: Example) -> str:
    """What the backend has to answer for it, in words; empty where that does not matter."""
    if example.backend_text is not None:
        return f"the backend answers {example.backend_text}"
    if example.backend_data is not None:
        return f"the backend answers {json.dumps(example.backend_data, ensure_ascii=False)}"
    return ""
