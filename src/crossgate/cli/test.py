"""`crossgate test`: ask a configuration what its tests ask, without a socket, and say where it answers otherwise."""

import argparse
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import path_of, unsupported_allowed
from crossgate.cli.terminal import columns_of
from crossgate.cli.testing_formats import render_json, render_junit, render_tap
from crossgate.cli.testing_init import UsageError, write_suite
from crossgate.cli.testing_places import Locate, endpoint_place, places_of
from crossgate.cli.testing_text import Reached, Reported, render_text
from crossgate.cli.testing_watch import WatchedFiles
from crossgate.compare.expected_settings import without_other_words
from crossgate.compare.plans import Compiled, compiled
from crossgate.components import all_components
from crossgate.config import Loaded, load_file
from crossgate.config.flexible.options import FlexibleOptions, any_flexible_options
from crossgate.config.load import load_text
from crossgate.diagnostics import Diagnostic, Severity, Span
from crossgate.diagnostics import render_text as render_problems
from crossgate.plan import Plan
from crossgate.testing.coverage import Coverage
from crossgate.testing.live import LivePlayer
from crossgate.testing.player import Player, Result
from crossgate.testing.read_suite import ReadSuite, read_suite
from crossgate.testing.suite import Suite, Test

_SUFFIXES = (".json", ".yaml", ".yml", ".toml")


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "test",
        help="run tests of a configuration, offline",
        description="Run tests of a configuration: on the real gateway, without sockets, its backends mocked. "
        "Exit code 0: all passed. 1: some did not. 2: wrong usage, or a file with errors.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="files of tests, or folders of them; without any, *.test.yaml and the like beside the configuration",
    )
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="the configuration; by default the one that each test file names"
    )
    parser.add_argument("-k", dest="expression", default="", metavar="TEXT", help="only tests with TEXT in their name")
    parser.add_argument(
        "--init", action="store_true", help="write FILE (or *.test.yaml beside it): what the configuration does today"
    )
    parser.add_argument("--url", metavar="URL", help="ask the gateway that runs there instead")
    parser.add_argument(
        "--ca-file", metavar="FILE", help="with --url: certificates to trust, such as a gateway's own, in PEM"
    )
    parser.add_argument("--insecure", action="store_true", help="with --url: take any certificate")
    parser.add_argument("--format", choices=("text", "json", "junit", "tap"), default="text", help="form of the report")
    parser.add_argument("--watch", action="store_true", help="run them again whenever a file changes")
    parser.add_argument("-v", "--verbose", action="store_true", help="show tests that passed, too")
    parser.add_argument(
        "--settings", metavar="DIR", help="render configurations as templates with this folder of settings"
    )
    parser.add_argument("--allow-unsupported", action="store_true", help="the same as for `run`")
    parser.set_defaults(handler=test)


def test(namespace: argparse.Namespace) -> int:
    """The verb's exit code."""
    watched: set[str] = set()
    files = WatchedFiles(watched, namespace.files, "*.test.*")
    while True:
        code = _test(namespace, watched)
        if not namespace.watch or not watched:
            return code
        files.arm()
        print(f"watching {len(watched)} files; Ctrl-C ends it", file=sys.stderr, flush=True)
        files.wait()


def _test(namespace: argparse.Namespace, watched: set[str]) -> int:
    began = time.perf_counter()
    try:
        if namespace.init:
            return write_suite(namespace, _flexible(namespace))
        suites = _suites(namespace, watched)
        reported, reached = _played(namespace, suites, watched)
    except UsageError as error:
        print(f"crossgate test: {error}", file=sys.stderr)
        return 2
    seconds = time.perf_counter() - began
    match namespace.format:
        case "json":
            text = render_json(reported, reached, seconds)
        case "junit":
            text = render_junit(reported, seconds)
        case "tap":
            text = render_tap(reported)
        case _:
            colour = wants_colour(sys.stdout, os.environ)
            columns = columns_of(sys.stdout)
            shown = reached if not namespace.expression else []
            text = render_text(reported, shown, seconds, colour=colour, columns=columns, verbose=namespace.verbose)
            text += "\n"
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return 0 if all(each.result.passed for each in reported) else 1


# -- which tests


def _suites(namespace: argparse.Namespace, watched: set[str]) -> list[ReadSuite]:
    suites: list[ReadSuite] = []
    failed = False
    for path in _files(namespace):
        watched.add(path)
        read = read_suite(path)
        if read.suite is None:
            failed = True
            _show(read.diagnostics, {path: read.text})
        else:
            suites.append(read)
    if failed:
        raise UsageError("there are errors in files of tests")
    return suites


def _files(namespace: argparse.Namespace) -> list[str]:
    if not namespace.files:
        folder = Path(namespace.config or ".").parent if namespace.config != "-" else Path()
        found = sorted(str(path) for suffix in _SUFFIXES for path in folder.glob(f"*.test{suffix}"))
        if not found:
            raise UsageError(f"there are no files of tests (*.test.yaml, *.test.json) in {folder.absolute()}")
        return found
    files: list[str] = []
    for name in namespace.files:
        path = Path(name)
        if path.is_dir():
            every = sorted(each for suffix in _SUFFIXES for each in path.rglob(f"*{suffix}"))
            tests = [each for each in every if each.stem.endswith(".test") or _is_spec(each)]
            if not every:
                raise UsageError(f"there are no files of tests in {name}")
            files += map(str, tests or every)
        else:
            files.append(name)
    return files


def _is_spec(path: Path) -> bool:
    """Whether a file speaks as KrakenD's specs do, read or not: among configurations it is a test all the same."""
    text = path.read_text(errors="replace")
    return all(re.search(rf'"{key}"\s*:', text) for key in ("in", "out"))


# -- running them


@dataclass(slots=True)
class _Tested:
    """One configuration, and the suites that it has to pass."""

    name: str
    loaded: Loaded
    environ: dict[str, str]
    locate: Locate
    errors: Sequence[Diagnostic]
    reload: Callable[[Mapping[str, Any]], Compiled | None]
    suites: list[Suite] = field(default_factory=list)


def _played(
    namespace: argparse.Namespace, suites: list[ReadSuite], watched: set[str]
) -> tuple[list[Reported], list[Reached]]:
    def wanted(case: Test) -> bool:
        return namespace.expression.lower() in case.name.lower()

    names = [case.name for read in suites if read.suite is not None for case in read.suite.cases]
    if not any(namespace.expression.lower() in name.lower() for name in names):
        raise UsageError(f"no test has {namespace.expression} in its name")
    if namespace.url:
        if not _is_base(namespace.url):
            raise UsageError(f'{namespace.url} is no URL to ask: write "http://host:port", or "https://host/base/path"')
        live = LivePlayer(namespace.url.rstrip("/"), _trust(namespace))
        asked = [read.suite for read in suites if read.suite is not None]
        return [Reported(suite.file, result) for suite in asked for result in live.play(suite, wanted)], []
    reported: list[Reported] = []
    reached = [_play(tested, wanted, reported) for tested in _tested(namespace, suites, watched)]
    return reported, reached


def _trust(namespace: argparse.Namespace) -> ssl.SSLContext:
    """Whose certificates are believed."""
    try:
        context = ssl.create_default_context(cafile=namespace.ca_file)
    except OSError as error:  # which ssl's own errors are
        raise UsageError(f"{namespace.ca_file} has no certificate that can be read: {error}") from None
    if namespace.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_base(text: str) -> bool:
    """Whether it is the URL of a gateway: paths can be put behind it."""
    if re.fullmatch(r"https?://[^/?#\s@]+(/[^?#\s]*)?", text) is None:
        return False
    try:
        return urlsplit(text).port != 0
    except ValueError:
        return False


def _tested(namespace: argparse.Namespace, suites: list[ReadSuite], watched: set[str]) -> list[_Tested]:
    """The configurations, each with its suites."""
    found: dict[Any, _Tested] = {}
    for number, read in enumerate(suites):
        suite = read.suite
        assert suite is not None  # noqa: S101 # the others were reported
        environ = {**os.environ, **suite.environ}
        allow = unsupported_allowed(namespace, environ)
        if namespace.config is not None or isinstance(suite.config, str):
            path = namespace.config or str(Path(suite.file).parent / str(suite.config))
            key: Any = (path, tuple(sorted(suite.environ.items())))
        elif suite.config is None:
            raise UsageError(f"{suite.file} does not say which configuration it is for: use -c FILE")
        else:
            path, key = "", number
        if key not in found:
            tested = _load(path, read, environ, allow, _flexible(namespace))
            watched.update(tested.loaded.watched if path else ())
            if tested.loaded.config is None:
                _show(tested.errors, {**tested.loaded.sources, suite.file: read.text})
                raise UsageError(f"{tested.name} has errors")
            found[key] = tested
        found[key].suites.append(suite)
    return list(found.values())


def _flexible(namespace: argparse.Namespace) -> FlexibleOptions | None:
    return any_flexible_options(os.environ).with_settings(namespace.settings) if namespace.settings else None


def _load(
    path: str, read: ReadSuite, environ: dict[str, str], allow_unsupported: bool, flexible: FlexibleOptions | None
) -> _Tested:
    components = all_components()

    def reload(tree: Mapping[str, Any]) -> Compiled | None:
        changed = load_text(
            json.dumps(tree).encode(),
            environ=environ,
            allow_unsupported=allow_unsupported,
            components=components,
            rendered=True,
        )
        return None if changed.config is None else compiled(changed.config, environ)

    if path:
        loaded = load_file(
            path_of(path),
            environ=environ,
            allow_unsupported=allow_unsupported,
            components=components,
            flexible=flexible,
        )
        errors = [each for each in loaded.diagnostics if each.severity is Severity.ERROR]
        return _Tested(loaded.name, loaded, environ, loaded.locate, errors, reload)
    assert read.suite is not None  # noqa: S101
    loaded = load_text(
        json.dumps(read.suite.config).encode(),
        environ=environ,
        allow_unsupported=allow_unsupported,
        components=components,
    )

    def locate(path: str, *, on_key: bool = False) -> Span:
        return read.locate(f"$.config{path.removeprefix('$')}", on_key=on_key)

    errors = [
        replace(each.under("$.config"), span=locate(each.path, on_key=each.on_key))
        for each in loaded.diagnostics
        if each.severity is Severity.ERROR
    ]
    return _Tested(read.suite.file, loaded, environ, locate, errors, reload)


def _show(problems: Sequence[Diagnostic], sources: Mapping[str, str]) -> None:
    colour = wants_colour(sys.stderr, os.environ)
    print(render_problems(problems, sources, colour=colour), file=sys.stderr)


def _play(tested: _Tested, wanted: Callable[[Test], bool], reported: list[Reported]) -> Reached:
    config = tested.loaded.config
    assert config is not None  # noqa: S101 # else it would not be tested
    components = all_components()
    coverage: Coverage | None = None
    document = tested.loaded.document
    assert document is not None  # noqa: S101 # the configuration was made of it
    for suite in tested.suites:
        now_seconds = time.time() if suite.now_seconds is None else suite.now_seconds
        with Player(config, components, tested.environ, now_seconds, suite.gateway_url, document) as player:
            if coverage is None:
                coverage = Coverage(player.plan, player.gated)
            player.told = coverage.note
            results = without_other_words(
                _results(player, suite, wanted),
                lambda: compiled(config, tested.environ),
                document,
                tested.reload,
                components,
            )
            for result in results:
                answered, plan = result.answered, player.plan
                places: list[Any] = []
                if not result.passed and answered is not None:
                    about_cors = any(found.what == "cors" for found in result.differences)
                    places = places_of(answered, document, tested.locate, plan, components, cors=about_cors)
                reported.append(Reported(suite.file, result, tuple(places)))
    assert coverage is not None  # noqa: S101 # there is a suite
    untested = [(each.what, partial(_place, each.endpoint, tested, coverage.plan)) for each in coverage.untested()]
    return Reached(tested.name, coverage.endpoints, coverage.refusals, tuple(untested))


def _place(endpoint: int | None, tested: _Tested, plan: Plan) -> Span | None:
    return None if endpoint is None else endpoint_place(endpoint, tested.loaded.document, tested.locate, plan)


def _results(player: Player, suite: Suite, wanted: Callable[[Test], bool]) -> Iterator[Result]:
    """With a word about progress, where there is much to do and somebody looks."""
    began = told = time.monotonic()
    total = len(suite.cases)
    for number, result in enumerate(player.play(suite, wanted), 1):
        yield result
        now = time.monotonic()
        if sys.stderr.isatty() and now - told > 1.0 and now - began > 2.0:
            told = now
            print(f"{suite.file}: {number} of {total} ...", file=sys.stderr, flush=True)
