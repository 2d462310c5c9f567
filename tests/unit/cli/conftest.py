"""The two verbs of `cors`, run in this process."""

import argparse
from collections.abc import Callable, Sequence

import pytest

from crossgate.cli import cors_explain, cors_probe

RunCors = Callable[[Sequence[str]], tuple[int, str, str]]
"""From the arguments after `cors` to exit code, standard output and standard error."""


@pytest.fixture
def run_cors(capsys: pytest.CaptureFixture[str]) -> RunCors:
    def run(arguments: Sequence[str]) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser(prog="crossgate cors")
        verbs = parser.add_subparsers(required=True)
        cors_explain.add_parser(verbs)
        cors_probe.add_parser(verbs)
        namespace = parser.parse_args(arguments)
        code = namespace.handler(namespace)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run
