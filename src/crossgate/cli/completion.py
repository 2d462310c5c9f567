"""`--print-completion SHELL`: a script with which a shell completes verbs, options and file names."""

import argparse
from collections.abc import Sequence
from typing import Any

SHELLS = ("bash", "zsh", "tcsh")
_FILE_OPTIONS = ("-c", "--config", "--har", "-o", "--settings")


class PrintCompletion(argparse.Action):
    """Prints the script for the parser it belongs to, and ends the program."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 # argparse's own signature, like the last one
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        import shtab

        _mark_files(parser)
        print(shtab.complete(parser, shell=str(values)))
        parser.exit()


def _mark_files(parser: argparse.ArgumentParser) -> None:
    """Say which options, of the parser and of its verbs, take the name of a file."""
    import shtab

    for action in parser._actions:  # noqa: SLF001 # there is no public way to ask a parser
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for verb in action.choices.values():
                _mark_files(verb)
        elif any(option in _FILE_OPTIONS for option in action.option_strings):
            action.complete = shtab.FILE  # type: ignore[attr-defined] # where shtab looks for it
