"""Writes docs/options/: every key of every namespace that is run, from the key tables. A test notices when it is due.

The example of a page is the `extra_config` that `docs/options/examples.json` has for its namespace, else the first of
the component's own page. It is put into a configuration that is complete, and the tests check that.
"""  # noqa: INP001

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crossgate.components import COMPONENTS, Component
from crossgate.config.component import namespaces_by_any_name
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.schema import namespace_keys
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS, SERVICE_KEYS
from docs.generate_support import PAGES

FOLDER = Path(__file__).parent / "options"
_EXAMPLES = FOLDER / "examples.json"
_WHERE = {"service": "the service", "endpoint": "an endpoint", "backend": "a backend"}
_OBJECTS = (
    ("service", "The service", SERVICE_KEYS, "The root of the file."),
    ("endpoint", "An endpoint", ENDPOINT_KEYS, "Each object of `endpoints`."),
    ("backend", "A backend", BACKEND_KEYS, "Each object of an endpoint's `backend`."),
)
_KINDS = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
    Kind.DURATION: "duration",
    Kind.TEXTS: "list of strings",
    Kind.TEXT_MAP: "object of strings",
    Kind.OBJECT: "object",
    Kind.OBJECTS: "list of objects",
    Kind.ANY: "any",
}
_SAME = "the same"
_MANNERS = {
    Manner.CONVERT: "A value of another type is converted where KrakenD converts it, with a warning, and refused "
    "otherwise. Letter case does not matter.",
    Manner.JSON: "A value of another type is an error where it would open a guard, and a warning elsewhere: KrakenD "
    "ignores it without a word. Letter case does not matter.",
    Manner.EXACT: "A value of another type is an error where it would open a guard, and a warning elsewhere: KrakenD "
    "ignores it without a word. Letter case matters.",
    Manner.OWN: "A value of another type is an error, and so is a key that is not listed.",
}
_INTRO = """# Options

Every key that crossgate reads, made by `make docs` from the tables that decide over a file. Editors get the same from
the [JSON Schema](../command-line.md#editors). What KrakenD has and crossgate does not run is in the
[support matrix](../support.md).

The file's `version` says which names hold: 2 stands for KrakenD 1.x, 3 for 2.x. The column *in version 2 files* gives
a key's name there: the same, another one, or none where KrakenD 1.x does not have it. A duration is a number with a
unit (`ns`, `us`, `ms`, `s`, `m`, `h`): `1500ms`, `1h30m`. A key that begins with `@`, `$`, `_` or `#` is a comment.

## The file

| object | what it is |
|---|---|
"""


def documentation() -> dict[str, str]:
    """The files of docs/options/ that are made here, by name."""
    specs = dict.fromkeys(namespaces_by_any_name(COMPONENTS).values())
    tables = namespace_keys(COMPONENTS)
    owners = {namespace.name: part for part in COMPONENTS for namespace in part.namespaces}
    pages = {f"{name}.md": _object_page(title, keys, doc) for name, title, keys, doc in _OBJECTS}
    rows = {True: "", False: ""}
    for spec in sorted(specs, key=lambda spec: spec.name):
        scopes = {scope: tables[scope, spec.name] for scope in _WHERE if (scope, spec.name) in tables}
        if spec.run and scopes:
            name = file_name(spec.name)
            pages[name] = _page(spec, scopes, owners.get(spec.name))
            rows[spec.is_own] += f"| [`{spec.name}`]({name}) | {', '.join(scopes)} | {spec.doc} |\n"
    heading = "| namespace | stands at | what it does |\n|---|---|---|\n"
    index = _INTRO + "".join(f"| [{title}]({name}.md) | {doc} |\n" for name, title, _, doc in _OBJECTS)
    index += f"\n## KrakenD's namespaces\n\n{heading}{rows[False]}"
    index += f"\n## crossgate's own\n\nKrakenD ignores them, so that one file serves both.\n\n{heading}{rows[True]}"
    return {"README.md": index, **pages}


def file_name(namespace: str) -> str:
    """Where a namespace's page is."""
    return namespace.replace("/", "-") + ".md"


def example_of(spec: NamespaceSpec, part: Component | None) -> dict[str, Any] | None:
    """A whole configuration that uses the namespace; None where neither the list nor the component's page has one."""
    values = json.loads(_EXAMPLES.read_text(encoding="utf-8")).get(spec.name)
    if values is None:
        found = _uses(spec.name, part)
        values = None if found is None else {found[0]: {spec.name: found[1]}}
    if values is None:
        return None
    backend: dict[str, Any] = {"host": ["http://users.internal"], "url_pattern": "/users/{id}"}
    endpoint: dict[str, Any] = {"endpoint": "/users/{id}", "backend": [backend]}
    service: dict[str, Any] = {"version": 3, "endpoints": [endpoint]}
    objects = {"service": service, "endpoint": endpoint, "backend": backend}
    for scope, value in values.items():
        objects[scope]["extra_config"] = value
    return service


def _uses(name: str, part: Component | None) -> tuple[str, Any] | None:
    if part is None:
        return None
    page = (FOLDER.parent / "components" / f"{part.name}.md").read_text(encoding="utf-8")
    for text in re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        for scope, extra in _extra_configs(json.loads(text)):
            if name in extra:
                return scope, extra[name]
    return None


def _extra_configs(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each `extra_config` of a part of a configuration, with the kind of object it stands in."""
    if isinstance(value, list):
        for item in value:
            yield from _extra_configs(item)
    elif isinstance(value, dict):
        if isinstance(value.get("extra_config"), dict):
            scope = "endpoint" if "endpoint" in value else "backend" if "url_pattern" in value else "service"
            yield scope, value["extra_config"]
        for item in value.values():
            yield from _extra_configs(item)


def _object_page(title: str, keys: KeyTable, doc: str) -> str:
    example = json.loads(_EXAMPLES.read_text(encoding="utf-8"))[title.lower()]
    start = f"# {title}\n\n{doc} {_MANNERS[keys.manner]}\n\n{_table(keys)}{_inner(keys, '##')}"
    return f"{start}\n## Example\n\n```json\n{_json(example)}\n```\n"


def _page(spec: NamespaceSpec, scopes: dict[str, KeyTable], part: Component | None) -> str:
    page = f"components/{part.name}.md" if part is not None else PAGES.get(spec.name, "")
    old = ", ".join(f"`{name}`" for name in spec.old) or ("the same name" if spec.is_own else "none")
    facts = [
        ("stands in the `extra_config` of", ", ".join(_WHERE[scope] for scope in scopes)),
        ("in version 2 files", old),
        *([("explained in", f"[{_title(page)}](../{page})")] if page else []),
    ]
    parts = [f"# `{spec.name}`\n\n{spec.doc}\n\n| | |\n|---|---|\n"]
    parts += [f"| {name} | {value} |\n" for name, value in facts]
    differ = len(set(scopes.values())) > 1
    for scope, keys in scopes.items() if differ else [*scopes.items()][:1]:
        heading = f"Keys at {_WHERE[scope]}" if differ else "Keys"
        parts.append(f"\n## {heading}\n\n{_table(keys)}{_inner(keys, '###')}")
    manners = dict.fromkeys(keys.manner for keys in scopes.values())
    parts.append("".join(f"\n{_MANNERS[manner]}\n" for manner in manners))
    example = example_of(spec, part)
    if example is not None:
        parts.append(f"\n## Example\n\n```json\n{_json(example)}\n```\n")
    return "".join(parts)


def _title(page: str) -> str:
    return (FOLDER.parent / page).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _table(keys: KeyTable) -> str:
    rows = [_cells(key) for key in keys.keys]
    heading = ["key", "type", "default", "meaning", "in version 2 files"]
    if all(row[-1] == _SAME for row in rows):
        heading, rows = heading[:-1], [row[:-1] for row in rows]
    first, *others = [f"| {' | '.join(row)} |\n" for row in (heading, *rows)]
    return "".join([first, "|---" * len(heading), "|\n", *others])


def _cells(key: Key) -> list[str]:
    old = f"`{key.old}`" if key.old else "none" if key.since3 else _SAME
    if key.also_old:
        old += f", `{key.name}`"
    default = "" if key.default is None else f"`{json.dumps(key.default, ensure_ascii=False)}`"
    meaning = key.doc
    if key.choices:
        meaning += " One of " + ", ".join(f"`{choice}`" for choice in key.choices) + "."
    if key.minimum:
        meaning += f" At least {key.minimum}."
    return [f"`{key.name}`", key.shape or _KINDS[key.kind], default, meaning.replace("|", "\\|"), old]


def _inner(keys: KeyTable, level: str) -> str:
    parts = []
    for key in keys.keys:
        if key.inner is None or key.inner.keys == keys.keys[: len(key.inner.keys)]:
            continue
        each = "each object of " if key.kind is Kind.OBJECTS else ""
        known = next((name for (_, name), table in namespace_keys(COMPONENTS).items() if table is key.inner), None)
        if known is not None:
            parts.append(f"\n{level} In {each}`{key.name}`\n\nThe keys of [`{known}`]({file_name(known)}).\n")
            continue
        parts.append(f"\n{level} In {each}`{key.name}`\n\n{_table(key.inner)}{_inner(key.inner, level + '#')}")
    return "".join(parts)


def _json(value: Any, indent: int = 0) -> str:
    """JSON as people write it: what fits on a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= 76 and not (indent == 0 and isinstance(value, dict)):
        return flat
    blank = " " * (indent + 2)
    if isinstance(value, dict):
        items = [f"{blank}{json.dumps(key)}: {_json(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + " " * indent + "}"
    if isinstance(value, list):
        items = [blank + _json(item, indent + 2) for item in value]
        return "[\n" + ",\n".join(items) + "\n" + " " * indent + "]"
    return flat


def main() -> None:
    """Write every page, remove those of namespaces that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = documentation()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
