"""`crossgate diff`: which requests another version of a configuration answers otherwise, and starts nothing."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import path_of, show_problems, unsupported_allowed
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.diff_json import render_json
from crossgate.cli.diff_markdown import render_markdown
from crossgate.cli.diff_places import Shown, place_of
from crossgate.cli.diff_records import read_records
from crossgate.cli.diff_text import render_text
from crossgate.cli.terminal import columns_of
from crossgate.compare import Difference, compare_plans, grouped
from crossgate.compare.confirm import confirmed
from crossgate.compare.plans import Compiled, compiled
from crossgate.compare.replay import Replay
from crossgate.components import all_components
from crossgate.config import Loaded, load_file
from crossgate.config.flexible.options import FlexibleOptions, any_flexible_options
from crossgate.config.uncollected import uncollected
from crossgate.plan import Plan

SAME, DIFFERS, USAGE, OPENS, UNDECIDED = 0, 1, 2, 3, 4


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "diff",
        help="list the requests that a new version of a configuration answers differently",
        description="List the requests that NEW answers differently from OLD, riskiest first. Exit code 0: none. "
        "1: some. 2: wrong usage, or a file with errors. 3: the change opens something: a page may read more, a "
        "guard is gone or weaker, or there are new endpoints. 4: nothing certainly opens, but something may, or "
        "nothing is certain at all.",
    )
    parser.add_argument("old", metavar="OLD", help="the configuration as it is; `-` is standard input")
    parser.add_argument("new", metavar="NEW", help="the configuration as it is to be")
    parser.add_argument(
        "--replay",
        metavar="FILE",
        help="an access log, or a HAR file: how many of its requests each difference touches",
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="form of the report")
    parser.add_argument(
        "--settings",
        nargs="+",
        metavar="DIR",
        default=[],
        help="render both files as templates with this folder of settings; with two, OLD with the first, NEW with the "
        "second",
    )
    parser.add_argument(
        "--old-root",
        metavar="DIR",
        default=".",
        help="the folder, such as a checkout of another branch, in which OLD is and from which it reads other files",
    )
    parser.add_argument("--allow-unsupported", action="store_true", help="the same as for `run`")
    parser.set_defaults(handler=diff)


@dataclass(frozen=True, slots=True)
class _File:
    loaded: Loaded
    compiled: Compiled


@uncollected()
def diff(namespace: argparse.Namespace) -> int:
    """The verb's exit code."""
    try:
        return _diff(namespace)
    except UsageError as error:
        print(f"crossgate diff: {error}", file=sys.stderr)
        return USAGE


def _diff(namespace: argparse.Namespace) -> int:
    old, new = _files(namespace)
    records = None if namespace.replay is None else read_records(namespace.replay)
    components = all_components()
    found = compare_plans(old.compiled, new.compiled, components)
    groups = grouped(confirmed(found, old.compiled, new.compiled, components, os.environ))
    counts: Sequence[int | None] = [None] * len(groups)
    total = None
    if records is not None:
        replay = Replay(old.compiled.plan, new.compiled.plan)
        replay.add(records)
        counts, total = replay.touched(groups), replay.total
    shown = [
        Shown(group, place_of(group.first.old, old.loaded), place_of(group.first.new, new.loaded), count)
        for group, count in zip(groups, counts, strict=True)
    ]
    match namespace.format:
        case "json":
            text = render_json(shown, old.loaded.name, new.loaded.name, total)
        case "markdown":
            text = render_markdown(shown, total)
        case _:
            colour = wants_colour(sys.stdout, os.environ)
            text = render_text(shown, total, colour=colour, columns=columns_of(sys.stdout))
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return _exit_code([group.first for group in groups])


def _exit_code(differences: Sequence[Difference]) -> int:
    """By the worst: what opens, what may, what differs, what may."""
    worst = min((not one.opens, one.is_undecided) for one in differences) if differences else None
    match worst:
        case None:
            return SAME
        case (False, False):
            return OPENS
        case (True, False):
            return DIFFERS
        case _:
            return UNDECIDED


def _files(namespace: argparse.Namespace) -> tuple[_File, _File]:
    """Both files; what is wrong with either is told of both before that ends it."""
    folders = list(namespace.settings)
    if len(folders) > 2:  # one for each file
        raise UsageError("--settings takes one folder, or one for each of the two files")
    if namespace.old == "-" and namespace.new == "-":
        raise UsageError("only one of the files can be standard input")
    options: list[FlexibleOptions | None] = [None, None]
    if folders:
        any_options = any_flexible_options(os.environ)
        options = [any_options.with_settings(folder) for folder in (folders[0], folders[-1])]
    allow = unsupported_allowed(namespace, os.environ)
    loaded: list[Loaded] = []
    broken = []
    for root, path, flexible in zip((namespace.old_root, "."), (namespace.old, namespace.new), options, strict=True):
        with _inside(root):
            one = load_file(
                path_of(path),
                environ=os.environ,
                allow_unsupported=allow,
                serving=False,
                components=all_components(),
                flexible=flexible,
                is_quiet=True,
                like=next((each.document for each in loaded if each.config is not None), None),
            )
        if one.config is None:
            show_problems(one)
            broken.append(one.name if root == "." else os.path.join(root, one.name))  # noqa: PTH118 # as it is written
        loaded.append(one)
    if broken:
        raise UsageError(f"{' and '.join(dict.fromkeys(broken))} {'have' if len(broken) > 1 else 'has'} errors")
    old = _compiled(loaded[0], None)
    return old, _compiled(loaded[1], old.compiled.plan)


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    """Where names of files are relative to this folder, as they are for a gateway that is started in it."""
    before = Path.cwd()
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError(f"{folder} is no folder to read from: {error.strerror}") from None
    try:
        yield
    finally:
        os.chdir(before)


def _compiled(loaded: Loaded, like: Plan | None) -> _File:
    config = loaded.config
    assert config is not None  # noqa: S101 # the others were reported
    return _File(loaded, compiled(config, os.environ, like))
