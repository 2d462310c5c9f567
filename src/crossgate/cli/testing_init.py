"""`crossgate test --init`: writes a file of tests that say what a configuration does today."""

import argparse
import os
import sys
import time
from pathlib import Path

from crossgate.cli.configuration import show_problems, unsupported_allowed
from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.config.flexible.options import FlexibleOptions
from crossgate.testing.init.observe import Observer
from crossgate.testing.init.write import render_json, render_yaml
from crossgate.testing.player import Player

MANY_ENDPOINTS = 500
_TOLD_SECONDS = 2.0


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
    with Player(config, all_components(), os.environ, time.time(), document=loaded.document) as player:
        observer = Observer(player, is_brief=len(config.endpoints) > MANY_ENDPOINTS)
        tests = []
        for test in observer.tests():
            tests.append(test)
            if sys.stderr.isatty() and time.monotonic() - began > _TOLD_SECONDS and len(tests) % 1_000 == 0:
                print(f"{len(tests)} tests ...", file=sys.stderr, flush=True)
    head = {"config": os.path.relpath(configuration, target.parent), **observer.head}
    render = render_json if target.suffix.lower() == ".json" else render_yaml
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(render(head, tests))
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from None
    brief = f", of each of {len(config.endpoints)} endpoints only what guards it" if observer.is_brief else ""
    print(f"{target}: {len(tests)} tests{brief}. Run them with: crossgate test {target}")
    return 0
