"""`crossgate test --init`: writes a file of tests that say what a configuration does today."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from crossgate.cli.configuration import show_problems, unsupported_allowed
from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.config.flexible.options import FlexibleOptions
from crossgate.config.uncollected import set_apart
from crossgate.testing.init.observe import Observer
from crossgate.testing.init.write import render_json, render_yaml
from crossgate.testing.player import Player

MANY_ENDPOINTS = 500
"""Beyond so many, only what guards an endpoint is asked about."""
_TOLD_SECONDS = 2.0
_MOST_NAMED = 20


class UsageError(Exception):
    """`str()` is what to tell."""


def write_suite(namespace: argparse.Namespace, flexible: FlexibleOptions | None) -> int:
    """Exit code 0 where the file was written. An existing one is left alone. Raises UsageError."""
    if namespace.config is None or namespace.config == "-":
        raise UsageError("--init needs the configuration's file: -c FILE")
    if len(namespace.files) > 1:
        raise UsageError("--init writes one file")
    configuration = Path(namespace.config)
    target = Path(namespace.files[0]) if namespace.files else configuration.with_suffix(".test.yaml")
    if target.exists():
        raise UsageError(f"{target} is there already: --init does not overwrite it")
    loaded = load_file(
        namespace.config,
        environ=os.environ,
        allow_unsupported=unsupported_allowed(namespace, os.environ),
        components=all_components(),
        flexible=flexible,
    )
    show_problems(loaded)
    config = loaded.config
    if config is None:
        raise UsageError(f"{namespace.config} has errors")
    began = time.monotonic()
    with Player(config, all_components(), os.environ, time.time(), document=loaded.document) as player, set_apart():
        count = len(config.endpoints)
        observer = Observer(player, is_brief=count > MANY_ENDPOINTS)
        tests = []
        for test in observer.tests():
            tests.append(test)
            if sys.stderr.isatty() and time.monotonic() - began > _TOLD_SECONDS and len(tests) % 1_000 == 0:
                print(f"{len(tests)} tests ...", file=sys.stderr, flush=True)
    head = {"config": os.path.relpath(configuration, target.parent), **observer.head}
    render = render_json if target.suffix.lower() == ".json" else render_yaml
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(render(head, tests, _notes(observer, count)))
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from None
    brief = ""
    if observer.not_asked:
        kinds = ", with every kind" if observer.has_every_kind else ""
        asked_count = count - len(observer.not_asked)
        brief = f": what each of {count} endpoints lets through, and answers of {asked_count}{kinds}"
    elif observer.is_brief:
        brief = f", of each of {count} endpoints only what guards it"
    print(f"{target}: {len(tests)} tests{brief}. Run them with: crossgate test {target}")
    return 0


def _notes(observer: Observer, count: int) -> list[str]:
    """What the suite says at its head of endpoints that it does not ask."""
    names = observer.not_asked
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    kinds = "where others of the same kind are asked" if observer.has_every_kind else "to stay quick"
    asked = f"Requests are sent to {count - len(names)} of {count} endpoints"
    return [
        f"{asked}; of the others, {kinds}, only what they let through is compared.",
        f"Not asked: {', '.join(json.dumps(name)[1:-1] for name in names[:_MOST_NAMED])}{more}.",  # one line each
    ]
