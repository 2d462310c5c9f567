"""The configurations that are mutated: what the project's own tests and pages are made of, and any others.

Of long ones some endpoints are left out, evenly.
"""

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutants.trees import Tree
from crossgate.config.namespaces.table import NAMESPACES
from tests.unit.testing.test_init import GUARDED, SHOWN

ROOT = Path(__file__).parents[2]
MOST_ENDPOINTS = 8
_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def own_files() -> Iterator[tuple[str, Tree]]:
    """Each with a name."""
    for path in sorted(ROOT.glob("tests/conformance/specs/*.json")):
        yield path.stem, json.loads(path.read_text())["config"]
    for path in sorted(ROOT.glob("tests/data/corpus_*.json.xz")):
        content = json.loads(lzma.decompress(path.read_bytes()))
        if isinstance(content, dict):
            yield from ((f"{path.name.partition('.')[0]} {name}", tree) for name, tree in content.items())
    for name, tree in json.loads((ROOT / "docs/options/examples.json").read_text()).items():
        yield f"docs: {name}", tree
    for path in sorted(ROOT.glob("docs/components/*.md")):
        for number, found in enumerate(_BLOCK.findall(path.read_text())):
            try:
                yield f"docs: {path.stem} {number}", json.loads(found)
            except ValueError:
                continue
    yield from (("guarded", GUARDED), ("shown by requests", SHOWN))
    for path in sorted(ROOT.glob("examples/quickstart/*.json")):
        yield path.name, json.loads(path.read_text())


def whole(tree: Any) -> Tree | None:
    """A part of a configuration as one: with an endpoint, a backend and a host for it, where it has none."""
    if not isinstance(tree, dict):
        return None
    backend = {"url_pattern": "/x"}
    for scope in ("endpoint", "backend", "service"):
        if isinstance(tree.get(scope), dict) and len(tree) == 1:
            return whole({"extra_config": tree[scope]} if scope == "service" else _with(scope, tree[scope]))
    if set(tree) == {"extra_config"}:
        tree = _placed(tree["extra_config"])
    if "backend" in tree:
        tree = {"endpoints": [{"endpoint": "/a", **tree}]}
    endpoints = [
        {**each, "backend": each.get("backend") or [backend]} for each in tree.get("endpoints") or [{"endpoint": "/a"}]
    ]
    if len(endpoints) > MOST_ENDPOINTS:
        endpoints = [endpoints[len(endpoints) * number // MOST_ENDPOINTS] for number in range(MOST_ENDPOINTS)]
    text = json.dumps({"version": 3, "host": ["http://backend:8000"], **tree, "endpoints": endpoints})
    return json.loads(re.sub(r"\{\{(\w+)\}\}", r"\1:8000", text))  # type: ignore[no-any-return]


def _with(scope: str, extra: Tree) -> Tree:
    backend = {"url_pattern": "/x", **({"extra_config": extra} if scope == "backend" else {})}
    return {"endpoint": "/a", "backend": [backend], **({"extra_config": extra} if scope == "endpoint" else {})}


def _placed(extra: Tree) -> Tree:
    """Each namespace where it is read."""
    scopes = {space.name: space.scopes for space in NAMESPACES}
    parts: dict[str, Tree] = {"service": {}, "endpoint": {}, "backend": {}}
    for name, block in extra.items():
        parts[next(iter(scopes.get(name, ("service",))))][name] = block
    backend = {"url_pattern": "/x", "extra_config": parts["backend"]}
    endpoint = {"endpoint": "/a", "extra_config": parts["endpoint"], "backend": [backend]}
    return {"extra_config": parts["service"], "endpoints": [endpoint]}
