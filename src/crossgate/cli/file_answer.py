"""Answers one question of the demo's page about a pasted configuration: the process in which that is done.

The answer is `crossgate explain`'s, with the diagnostics of `crossgate check`.
"""

import argparse
from dataclasses import replace
from typing import Any, NoReturn

from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain import explained
from crossgate.cli.explain_request import read_requests
from crossgate.cli.explain_show import Shown, explained_document
from crossgate.cli.pasted_answer import answer_one, told, worst_first
from crossgate.components import all_components
from crossgate.components.component import StartError
from crossgate.config.setting import Setting, written
from crossgate.config.source import Format
from crossgate.demo.pasted import format_of
from crossgate.diagnostics import Diagnostic
from crossgate.explain.asked import AskedRequest
from crossgate.explain.untrusted import Untrusted, load_untrusted


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """See `crossgate.demo.file_question` for both. Never raises for what is in a question that was decoded there."""
    text: str = question["text"]
    kind = Format(question["format"]) if question["format"] else format_of(text)
    untrusted = load_untrusted(text.encode("utf-8", "replace"), kind, all_components())
    said: dict[str, Any] = {
        "format": str(kind),
        **worst_first(untrusted.loaded.diagnostics, _diagnostic),
        "starts": untrusted.config is not None,
        "problem": "",
        "request": None,
        "explanation": None,
        "change": None,
    }
    if untrusted.config is None:
        return said
    try:
        asked = _asked(question["request"], untrusted.config.port)
        said["request"] = _request(asked)
        shown = _explained(untrusted, asked, question["request"])
    except UsageError as error:
        return said | {"problem": _sentence(str(error))}
    except TimeoutError:
        return said | {"problem": "The gateway would wait for something that never comes."}
    except (StartError, OSError) as error:
        return said | {"problem": f"The gateway does not start with this file: {error}"}
    return said | {"explanation": explained_document(shown), "change": _change(untrusted, kind, asked, shown, question)}


def _explained(untrusted: Untrusted, asked: AskedRequest, request: dict[str, Any]) -> Shown:
    loaded, config = untrusted.loaded, untrusted.config
    assert config is not None and loaded.document is not None  # noqa: S101, PT018 # who calls has looked
    found = loaded, config, loaded.document
    return explained(found, [asked], {}, with_cookies=request["credentials"] == "include", untrusted=untrusted)[0]


# -- the request


def _asked(request: dict[str, Any], port: int) -> AskedRequest:
    """Raises UsageError."""
    curl = request["curl"].strip()
    body = request["body"]
    arguments = argparse.Namespace(
        url="" if curl else request["url"].strip(),
        method="" if curl else request["method"].strip(),
        origin=request["origin"].strip(),
        headers=[] if curl else [line for line in request["headers"].splitlines() if line.strip()],
        data=body.encode("utf-8", "surrogatepass") if body and not curl else None,
        client=request["client"].strip(),
        credentials=False,
        from_curl=curl or None,
        har=None,
        request_id=None,
        log=None,
    )
    asked = read_requests(arguments, base_url=f"http://localhost:{port}", read_file=_no_file)[0]
    names = {name.lower() for name, _ in asked.fields}
    if asked.origin and body and not curl and "content-type" not in names:
        return replace(asked, fields=(*asked.fields, ("Content-Type", "text/plain;charset=UTF-8")))  # as fetch() does
    return asked


def _no_file(_path: str) -> NoReturn:
    raise UsageError("files are not read here: write the body itself")


def _request(asked: AskedRequest) -> dict[str, Any]:
    body = asked.body or b""
    return {
        "method": asked.method,
        "url": asked.url,
        "origin": asked.origin,
        "headers": [list(field) for field in asked.fields if field[0].lower() != "origin"],
        "body": body.decode("utf-8", "replace"),
    }


# -- what comes of it


def _change(
    untrusted: Untrusted, kind: Format, asked: AskedRequest, shown: Shown, question: dict[str, Any]
) -> dict[str, Any] | None:
    """The text with the smallest change made, where that is one of values: tried, and offered only if it helps."""
    settings = shown.settings
    text = untrusted.loaded.text
    if not shown.is_refused or not settings:
        return None
    changed = untrusted
    for setting in settings:
        after = _with_setting(changed, kind, setting)
        if after is None or after.config is None:
            return None
        changed = after
    again = _explained(changed, asked, question["request"])
    if again.is_refused and again.reason == shown.reason:
        return None
    new = changed.loaded.text
    start = next((at for at, (old, now) in enumerate(zip(text, new, strict=False)) if old != now), 0)
    return {"text": new, "line": new.count("\n", 0, start) + 1}


def _with_setting(untrusted: Untrusted, kind: Format, setting: Setting) -> Untrusted | None:
    text = written(untrusted.loaded.parsed, setting)
    return None if text is None else load_untrusted(text.encode("utf-8", "replace"), kind, all_components())


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    span = found.span
    place = {"line": None if span is None else span.line, "column": None if span is None else span.column}
    return {**told(found), **place}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


if __name__ == "__main__":
    answer_one(answer)
