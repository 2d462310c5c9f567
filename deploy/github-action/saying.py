"""How a pipeline is told things: annotations of lines, outputs, a summary. Elsewhere than on GitHub, plain lines.

Knows GitHub's workflow commands; does not know what is said. Whatever a text holds, it stays text.
"""

import re
import secrets
import sys
from collections.abc import Mapping, Sequence

_SUMMARY_BYTES = 1_000_000  # GitHub takes a mebibyte for a step


def escaped(text: str, *, in_property: bool = False) -> str:
    """Text as a workflow command has it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


def code(text: str) -> str:
    """A code span of Markdown, whatever backticks and line ends are in the text."""
    text = re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", "\ufffd", text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


class Voice:
    """Where things are said: workflow commands where `environ` is GitHub's, lines of text elsewhere."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._on_github = environ.get("GITHUB_ACTIONS") == "true"
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # names of files can be any bytes

    def annotate(self, level: str, title: str, message: str, file: str = "", region: Sequence[int] = ()) -> None:
        """`level`: error, warning or notice. `region`: line, column, end line, end column, as many as are known."""
        if not self._on_github:
            place = ":".join([file, *map(str, region[:2])]) + ": " if file else ""
            self.show(f"{place}{level}: {message} [{title}]")
            return
        names = ("line", "col", "endLine", "endColumn")
        places = {"file": file, **{name: str(number) for name, number in zip(names, region, strict=False)}}
        properties = {"title": title, **(places if file else {})}
        given = ",".join(f"{name}={escaped(value, in_property=True)}" for name, value in properties.items())
        print(f"::{level} {given}::{escaped(message)}", flush=True)

    def show(self, text: str) -> None:
        """Text for the log, in which nothing is a command."""
        if not text.strip():
            return
        word = secrets.token_hex(16)
        lines = [f"::stop-commands::{word}", text.rstrip("\n"), f"::{word}::"]
        print("\n".join(lines if self._on_github else [lines[1]]), flush=True)

    def output(self, values: Mapping[str, str]) -> None:
        """What later steps can read."""
        lines = []
        for name, value in values.items():
            end = secrets.token_hex(16)
            lines.append(f"{name}<<{end}\n{value}\n{end}\n")
        self._append("GITHUB_OUTPUT", "".join(lines))

    def summarise(self, markdown: str) -> None:
        """What is shown on the page of the run."""
        whole = markdown.encode(errors="backslashreplace")
        if len(whole) > _SUMMARY_BYTES:
            kept = whole[:_SUMMARY_BYTES].decode(errors="ignore").rpartition("\n")[0]
            markdown = f"{kept}\n\nThe rest is left out here: the report is {len(whole)} bytes.\n"
        self._append("GITHUB_STEP_SUMMARY", markdown)

    def _append(self, variable: str, text: str) -> None:
        path = self._environ.get(variable, "")
        if path:
            with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
                file.write(text)
