"""An argparse parser that says what was probably meant. Knows options and FILE arguments, no verb."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn


class CommandLine(argparse.ArgumentParser):
    """A program's or a verb's arguments: what one does not know is its own usage error, and has a suggestion."""

    _given: Sequence[str] = ()

    def parse_known_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> Any:
        """As argparse has it, but nothing is left over: verbs would hand it up, to be reported with another usage."""
        self._given = list(sys.argv[1:] if args is None else args)
        namespace, unknown = super().parse_known_args(self._given, namespace)
        if unknown:
            self.error(self._about_unknown(unknown))
        return namespace, unknown

    def error(self, message: str) -> NoReturn:
        """Exit with 2, the usage and the message."""
        super().error(message + self._about_file())

    def _about_unknown(self, unknown: Sequence[str]) -> str:
        said = f"unrecognized arguments: {' '.join(unknown)[:200]}"
        name = next((word.partition("=")[0] for word in unknown if word.startswith("--")), "")
        close = get_close_matches(
            name.lower(), [option for option in self._option_string_actions if option[1] == "-"], n=1
        )
        return f"{said}; did you mean {close[0]}?" if close else said

    def _about_file(self) -> str:
        """For `check krakend.json`, as other programs have it: the option that is missing."""
        config = self._option_string_actions.get("-c")
        if config is None or not config.required or not self._given or self._given[0].startswith("-"):
            return ""
        if any(word.startswith(("-c", "--config")) for word in self._given):
            return ""
        return f"; did you mean -c {self._given[0][:200]}?"
