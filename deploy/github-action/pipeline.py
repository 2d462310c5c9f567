"""Checks configurations, runs their tests, says what a change does to requests: for the GitHub Action and any pipeline.

    python3 pipeline.py --config krakend.json --base main --fail-on opens

Run it where the gateway would be started, with a Python in which crossgate is installed. It leaves crossgate.md,
crossgate.sarif and, with tests, crossgate.junit.xml in the folder of --output. Exit code: 0 all well, 1 what --fail-on
names, 2 wrong usage.
"""

import argparse
import glob
import json
import os
import posixpath
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from base import Base, GitError, find_commit, from_here, git
from saying import Voice, code

_LEVELS = ("same", "differs", "unknown", "opens")
_FAILING = {"error": (), "opens": ("opens", "unknown"), "differs": ("differs", "opens", "unknown"), "never": ()}
_BY_EXIT_CODE = {0: "same", 1: "differs", 3: "opens", 4: "unknown"}
_PLACE = re.compile(r"at (.*):(\d+):\d+\n")
_TESTS = re.compile(r"\.test\.(json|ya?ml|toml)\Z")
_FOLDERS = ("FC_SETTINGS", "FC_PARTIALS", "FC_TEMPLATES", "FC_CONFIG")
_SARIF_LEVELS = {"error": "error", "warning": "warning"}


class UsageError(Exception):
    """What is asked for cannot be done, and why."""


def main(words: Sequence[str] | None = None) -> int:
    """The exit code."""
    options = _options(words)
    voice = Voice(os.environ)
    os.environ.update({name: from_here(os.environ[name]) for name in _FOLDERS if os.environ.get(name)})
    try:
        return _Run(options, voice).all()
    except UsageError as error:
        voice.annotate("error", "crossgate", str(error))
        return 2


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check, test and compare configurations in a pipeline.")
    listed: dict[str, Any] = {"action": "append", "default": [], "metavar": "NAMES"}
    parser.add_argument("--config", **listed, help="files or patterns, one to a line (krakend.json)")
    parser.add_argument("--settings", **listed, help="folders of settings, one to a line")
    parser.add_argument("--tests", **listed, help="files or folders of tests, one to a line (those beside the files)")
    parser.add_argument("--strict", choices=("true", "false"), default="false", help="take warnings for errors")
    parser.add_argument("--base", default="", help="the branch or commit to compare with")
    parser.add_argument("--fail-on", choices=tuple(_FAILING), default="error", help="what makes the exit code 1")
    parser.add_argument("--output", type=Path, default=Path(), help="the folder for reports")
    return parser.parse_args(words)


def _paths(values: Sequence[str]) -> list[str]:
    return [from_here(line.strip()) for value in values for line in value.splitlines() if line.strip()]


def _files(patterns: Sequence[str]) -> list[str]:
    """What the patterns mean, in their order. Raises UsageError where one means nothing."""
    found: list[str] = []
    for pattern in patterns:
        literal = Path(pattern).is_file()
        names = [pattern] if literal else sorted(filter(os.path.isfile, glob.glob(pattern, recursive=True)))  # noqa: PTH207
        names = [name for name in names if literal or not _TESTS.search(name)]
        if not names:
            raise UsageError(f"there is no file {pattern}")
        found += [f"./{name}" if name.startswith("-") else name for name in names]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Told:
    """What crossgate wrote and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """Its JSON; None where it ended before it had written any."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None

    @property
    def reason(self) -> str:
        """The last thing that it said: why it could not do its work."""
        return self.err.strip().rpartition("\n")[2] or f"it ended with {self.exit_code}"


def crossgate(*words: str) -> _Told:
    """Run a verb. What is in the current folder is not imported (-P)."""
    command = [sys.executable, "-P", "-m", "crossgate.cli.main", *words]
    environ = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, env=environ, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return _Told(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


@dataclass
class _Run:
    """One run, from the options to the reports."""

    options: argparse.Namespace
    voice: Voice
    errors: int = 0
    result: str = ""
    report: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)

    def all(self) -> int:
        """The exit code. Raises UsageError."""
        patterns = _paths(self.options.config) or ["krakend.json"]
        files = _files(patterns)
        folder: Path = self.options.output
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._check(files, folder)
            self._test(files, folder)
            self._compare(files, patterns)
            text = "\n\n".join(self.report) + "\n"
            (folder / "crossgate.md").write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise UsageError(f"{error.filename or folder}: {error.strerror}") from None
        self.voice.summarise(text)
        self.outputs |= {"report": str((folder / "crossgate.md").absolute()), "errors": str(self.errors)}
        self.voice.output({**self.outputs, "result": self.result})
        failing = self.result in _FAILING[self.options.fail_on]
        return 1 if failing or (self.errors and self.options.fail_on != "never") else 0

    # -- check

    def _check(self, files: list[str], folder: Path) -> None:
        strict = ["--strict"] if self.options.strict == "true" else []
        settings = _paths(self.options.settings)
        told = crossgate(
            "check", *strict, "--format", "sarif", *(["--settings", *settings] if settings else []), "--", *files
        )
        sarif = told.report
        if told.exit_code not in {0, 1} or sarif is None:
            self.voice.show(told.err)
            raise UsageError(told.reason)
        results = {json.dumps(each): each for each in sarif["runs"][0]["results"]}  # two files can share a broken third
        results = sarif["runs"][0]["results"] = list(results.values())
        prefix = _prefix()
        counts = dict.fromkeys(("error", "warning", "note"), 0)
        shown = []
        for result in sorted(results, key=lambda each: list(counts).index(each["level"])):
            counts[result["level"]] += 1
            file, region = _place(result, prefix)
            message, level = result["message"]["text"], _SARIF_LEVELS.get(result["level"])
            if level:
                self.voice.annotate(level, result["ruleId"], message, file, region)
                where = f"{code(':'.join([file, *map(str, region[:1])]))}: " if file else ""
                shown.append(f"- **{level}** {where}{code(message.splitlines()[0])} ({result['ruleId']})")
        self.errors += counts["error"]
        names = [f"{number} {level}{'s' * (number != 1)}" for level, number in counts.items()]
        self.report.append(f"## Check\n\n{len(files)} file{'s' * (len(files) != 1)}: {', '.join(names)}.")
        self.report += ["\n".join(shown)] if shown else []
        path = folder / "crossgate.sarif"
        path.write_text(json.dumps(sarif, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.outputs["sarif"] = str(path.absolute())

    # -- test

    def _test(self, files: list[str], folder: Path) -> None:
        tests = _paths(self.options.tests) or sorted(
            {str(path) for file in files for path in Path(file).parent.iterdir() if _TESTS.search(path.name)}
        )
        if not tests:
            return
        told = crossgate("test", "--format", "junit", "--", *tests)
        if told.exit_code not in {0, 1} or not told.out:
            self.errors += 1
            self.voice.show(told.err)
            self.voice.annotate("error", "crossgate test", told.reason)
            self.report.append(f"## Tests\n\nThey could not be run: {code(told.reason)}")
            return
        path = folder / "crossgate.junit.xml"
        path.write_text(told.out, encoding="utf-8")
        self.outputs["junit"] = str(path.absolute())
        cases = list(ET.fromstring(told.out).iter("testcase"))  # noqa: S314 # crossgate's own
        prefix, shown = _prefix(), []
        for case in cases:
            failure = case.find("failure")
            if failure is not None:
                name, text = case.get("name", ""), failure.text or ""
                place = _PLACE.match(text)
                file, line = (place[1], place[2]) if place is not None else (case.get("classname", ""), "1")
                text = text[place.end() :] if place is not None else text
                self.voice.annotate("error", name, text, _joined(prefix, file), [int(line)])
                shown.append(f"- **failed** {code(f'{file}:{line}')}: {code(name)}")
        self.errors += len(shown)
        self.report.append(f"## Tests\n\n{len(cases) - len(shown)} of {len(cases)} passed.")
        self.report += ["\n".join(shown)] if shown else []

    # -- diff

    def _compare(self, files: list[str], patterns: Sequence[str]) -> None:
        try:
            commit = find_commit(self.options.base, os.environ)
            if commit is None:
                return
            with tempfile.TemporaryDirectory() as temporary:
                self._compare_with(Base(commit, Path(temporary) / "tree"), files, patterns)
        except GitError as error:
            self._note("unknown", files[0], f"there is nothing to compare with: {error}")

    def _compare_with(self, base: Base, files: list[str], patterns: Sequence[str]) -> None:
        self.result = "same"
        settings = _paths(self.options.settings)
        for file in files:
            try:
                old = base.old_name(file)
            except GitError as error:
                self._note("unknown", file, str(error))
                continue
            if old is None:
                self._note("opens", file, f"new: {base.commit[:12]} has no such file")
                continue
            for folder in settings or [""]:
                self._compare_file(base, old, file, folder)
        for file in dict.fromkeys(name for pattern in patterns for name in _gone(base, pattern)):
            self._note("differs", file, "gone: what it answered is answered no more")

    def _compare_file(self, base: Base, old: str, file: str, settings: str) -> None:
        chosen = ["--settings", settings] if settings else []
        words = ["--old-root", str(base.root), *chosen, "--", old, file]
        told = crossgate("diff", "--format", "json", *words)
        report = told.report
        if told.exit_code not in _BY_EXIT_CODE or report is None:
            self.voice.show(told.err)
            reason = told.reason.replace(f"{base.root}/", f"{base.commit[:12]}:")
            self._note("unknown", file, f"not compared: {reason}", settings)
            return
        result = _BY_EXIT_CODE[told.exit_code]
        self._worsen(result)
        for found in report["differences"]:
            if found["opens"]:
                self._annotate_difference(found, file)
        title = f"## {code(file)}" + (f" with {code(settings)}" if settings else "")
        markdown = crossgate("diff", "--format", "markdown", *words).out
        self.report.append(f"{title}\n\n{markdown.strip()}")

    def _annotate_difference(self, found: dict[str, Any], file: str) -> None:
        new, endpoints = found["new"] or {"file": file, "line": 1}, found["endpoints"]
        more = f" (and at {found['count'] - 1} more endpoints)" if found["count"] > 1 else ""
        subject = f"{endpoints[0]}: " if endpoints else ""
        tried = f"\nTry: {found['example']['curl']}" if found["example"] else ""
        place = _joined(_prefix(), new["file"])
        message = f"{subject}{found['sentence']}{more}{tried}"
        result, word = ("unknown", "may open") if found["evidence"] == "undecided" else ("opens", "opens")
        self.voice.annotate(self._level(result), f"{word}: {found['kind']}", message, place, [new["line"]])

    def _note(self, result: str, file: str, text: str, settings: str = "") -> None:
        """Of a file as a whole."""
        self._worsen(result)
        self.voice.annotate(self._level(result), "crossgate diff", text, _joined(_prefix(), file))
        self.report.append(f"## {code(file)}{f' with {code(settings)}' if settings else ''}\n\n{code(text)}")

    def _level(self, result: str) -> str:
        return "error" if result in _FAILING[self.options.fail_on] else "warning"

    def _worsen(self, result: str) -> None:
        self.result = max(self.result or "same", result, key=_LEVELS.index)


def _gone(base: Base, pattern: str) -> list[str]:
    try:
        return [name for name in base.gone(pattern) if not _TESTS.search(name)]
    except GitError:  # a pattern that leads out of the repository
        return []


def _prefix() -> str:
    """The current folder's name within the repository, with a slash at its end; empty at the top or without any."""
    try:
        return git("rev-parse", "--show-prefix").removesuffix("\n")
    except GitError:
        return ""


def _joined(prefix: str, file: str) -> str:
    return posixpath.normpath(posixpath.join(prefix, file)) if file else ""


def _place(result: dict[str, Any], prefix: str) -> tuple[str, list[int]]:
    """Where a problem is. Its file is from then on named as the repository names it, in the report, too."""
    physical = result["locations"][0].get("physicalLocation")
    if physical is None:
        return "", []
    artifact, region = physical["artifactLocation"], physical["region"]
    file = _joined(prefix, unquote(artifact["uri"], errors="surrogateescape"))
    if prefix:
        artifact["uri"] = quote(file, errors="surrogateescape")
    return file, [region[name] for name in ("startLine", "startColumn", "endLine", "endColumn")]


if __name__ == "__main__":
    sys.exit(main())
