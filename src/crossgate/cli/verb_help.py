"""What `--help` shows beneath the options of a verb: lines that one can copy. Does not know how verbs are run."""

import argparse
from typing import Any

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": (
        "crossgate demo",
        "crossgate check -c krakend.json",
        "crossgate run -c krakend.json",
        "crossgate cors explain -c krakend.json --origin https://app.example.com --method PUT --url /users/1",
    ),
    "run": (
        "crossgate run -c krakend.json",
        "crossgate run -d -c krakend.json -p 9000",
        "crossgate run -c krakend.yaml --workers 4 --watch",
        "jq '.port = 9000' krakend.json | crossgate run -c -",
    ),
    "check": (
        "crossgate check -c krakend.json",
        "crossgate check -c krakend.json --strict --format sarif > crossgate.sarif",
        "crossgate check -c krakend.json --fix",
        "jq . krakend.json | crossgate check -c -",
        "crossgate check -c krakend.tmpl --settings settings/dev settings/prod",
    ),
    "test": (
        "crossgate test",
        "crossgate test -c krakend.json gateway.test.yaml",
        "crossgate test -c krakend.json specs/ --format junit > report.xml",
    ),
    "diff": (
        "crossgate diff krakend.json krakend-new.json",
        "git show main:krakend.json | crossgate diff - krakend.json --format markdown",
        "crossgate diff krakend.json krakend-new.json --replay access.log",
        "crossgate diff krakend.tmpl krakend.tmpl --settings settings/staging settings/prod",
    ),
    "explain": (
        "crossgate explain -c krakend.json --url /orders --method POST -d '{}'",
        "crossgate explain -c krakend.json --from-curl 'curl http://localhost:8080/orders'",
        "crossgate explain -c krakend.json --request-id 4bf92f3577b34da6 --log access.log",
    ),
    "plan": (
        "crossgate plan -c krakend.json",
        "crossgate plan -c krakend.json --format json | jq .",
    ),
    "openapi": (
        "crossgate openapi export -c krakend.json -o openapi.yaml",
        "crossgate openapi import openapi.yaml -o krakend.json",
    ),
    "render": (
        "FC_SETTINGS=settings/prod FC_PARTIALS=partials crossgate render -c krakend.tmpl",
        "FC_SETTINGS=settings/prod crossgate render -c krakend.tmpl -o krakend.json",
    ),
    "rule": (
        "crossgate rule COR201",
        "crossgate rule",
    ),
    "schema": ("crossgate schema > crossgate.schema.json",),
    "demo": (
        "crossgate demo",
        "crossgate demo -p 9000",
    ),
    "version": ("crossgate version",),
    "cors": (
        "crossgate cors explain -c krakend.json --origin https://app.example.com --method PUT --url /users/1",
        "crossgate cors probe https://api.example.com/users/1 --origin https://app.example.com --method PUT",
    ),
    "cors explain": (
        "crossgate cors explain -c krakend.json --origin https://app.example.com --method PUT --url /users/1",
        "crossgate cors explain -c krakend.json --origin http://localhost:3000 --method GET --url /me --credentials",
    ),
    "cors probe": (
        "crossgate cors probe https://api.example.com/users/1 --origin https://app.example.com --method PUT",
        "crossgate cors probe http://127.0.0.1:8080/users/1 --origin http://localhost:3000 --method GET --format json",
    ),
}
"""By verb (the empty one: the program), command lines that work."""

_HEADING = "examples:\n"


class HelpFormatter(argparse.HelpFormatter):
    """Leaves examples the lines they are; wraps all else."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(_HEADING) else super()._fill_text(text, width, indent)


def add_examples(parser: argparse.ArgumentParser, verb: str = "") -> None:
    """Put the examples of a verb beneath its help."""
    lines = EXAMPLES.get(verb, ())
    if lines and parser.epilog is None:
        parser.epilog = _HEADING + "\n".join(f"  {line}" for line in lines)
        parser.formatter_class = HelpFormatter


def add_examples_to_verbs(verbs: "argparse._SubParsersAction[Any]", prefix: str = "") -> None:
    """The same for every verb that there is by now."""
    for name, parser in verbs.choices.items():
        add_examples(parser, prefix + name)
