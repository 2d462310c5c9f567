"""`python -m benchmarks.mutants [FILE …]`: how many changes to configurations their written suites notice, by kinds.

A suite is written for each configuration, as `crossgate test --init` does, and asked of copies with one thing changed:
as people do, and blindly. What a copy differs in is what `crossgate diff` says; copies that mean the same, and those
that differ in what no request meets or gets to, do not count. Without files those of the project's own tests and pages
are taken.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.mutants.blind import BLIND
from benchmarks.mutants.files import own_files, whole
from benchmarks.mutants.kinds import BY_LISTS, KINDS
from benchmarks.mutants.measure import Measured
from benchmarks.mutants.mutations import Mutation, mutated
from benchmarks.mutants.trees import Tree

_TRIES = 6


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mutants", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="configurations; without any, the project's own")
    parser.add_argument("--count", type=int, default=600, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--style", choices=("kinds", "blind", "both"), default="both")
    parser.add_argument("--only", default="", metavar="TEXT", help="only kinds with TEXT in their name")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each that requests do not notice")
    options = parser.parse_args()
    given = [(name, json.loads(Path(name).read_text())) for name in options.files] or list(own_files())
    files = {name: tree for name, part in given if (tree := whole(part)) is not None}
    kinds = {
        **(KINDS if options.style != "blind" else {}),
        **(BLIND if options.style != "kinds" else {}),
    }
    kinds = {name: mutate for name, mutate in kinds.items() if options.only in name}
    report = Counter[tuple[str, str]]()
    for name, mutants in chosen(files, kinds, options.count, options.seed).items():
        try:
            measured = Measured(files[name])
        except ValueError as error:
            print(f"{name}: left out, {error}", file=sys.stderr)
            continue
        for kind, tree in mutants:
            verdict = measured.judged(tree)
            report[kind, verdict.outcome] += 1
            if options.verbose and verdict.outcome not in ("requests", "no start"):
                print(f"{verdict.outcome}: {kind}: {name}: {_changed(files[name], tree)}")
                print(f"    {verdict.test}\n    {verdict.what}", flush=True)
    print("\n".join(rows(report, kinds)))
    return 0


def chosen(
    files: Mapping[str, Tree], kinds: Mapping[str, Mutation], count: int, seed: int
) -> dict[str, list[tuple[str, Tree]]]:
    """So many different mutants, of each kind about as many, by files in turn."""
    random_ = random.Random(seed)
    found: dict[str, list[tuple[str, Tree]]] = defaultdict(list)
    known: set[str] = set()
    queues: dict[str, Iterator[tuple[str, Tree]]] = {
        kind: _mutants(files, mutate, random_.randrange(1 << 30)) for kind, mutate in kinds.items()
    }
    made = 0
    while queues and made < count:
        for kind in list(queues):
            for name, tree in queues[kind]:
                text = name + json.dumps(tree, sort_keys=True)
                if text not in known:
                    known.add(text)
                    found[name].append((kind, tree))
                    made += 1
                    break
            else:
                del queues[kind]
            if made == count:
                break
    return found


def _mutants(files: Mapping[str, Tree], mutate: Mutation, seed: int) -> Iterator[tuple[str, Tree]]:
    random_ = random.Random(seed)
    for _ in range(_TRIES):
        names = list(files)
        random_.shuffle(names)
        for name in names:
            tree = mutated(files[name], mutate, random_.randrange(1 << 30))
            if tree is not None:
                yield name, tree


def rows(report: Mapping[tuple[str, str], int], kinds: Iterable[str]) -> Iterator[str]:
    """A table: of each kind how many there were, and what became of them."""
    yield "| kind | differ | by requests | in all | mean the same | beside requests | noticed anyway | do not start |"
    yield "|---|---|---|---|---|---|---|---|"
    some = tuple(kinds)
    shown = tuple(kind for kind in some if kind not in BY_LISTS)
    for title, names in (
        *((f"{kind} (lists only)" if kind in BY_LISTS else kind, (kind,)) for kind in some),
        ("**all that requests are to notice**", shown),
        ("**all**", some),
    ):
        count = Counter[str]()
        for (name, outcome), number in report.items():
            count[outcome] += number if name in names else 0
        differ = count["requests"] + count["settings"] + count["missed"]
        if count.total():
            caught = count["requests"] + count["settings"]
            yield (
                f"| {title} | {differ} | {_share(count['requests'], differ)} | {_share(caught, differ)} "
                f"| {count['same']} | {count['beside']} | {count['false alarm']} | {count['no start']} |"
            )


def _share(part: int, whole_: int) -> str:
    return f"{part} ({100 * part / whole_:.1f} %)" if whole_ else "–"


def _changed(old: Any, new: Any, path: str = "") -> str:
    """Where they differ first."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *new):
            if old.get(key, ...) != new.get(key, ...):
                if key in old and key in new:
                    return _changed(old[key], new[key], f"{path}.{key}")
                return f"{path}.{key}: {json.dumps(old.get(key))[:90]} -> {json.dumps(new.get(key))[:90]}"
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            if one != other:
                return _changed(one, other, f"{path}[{number}]")
    return f"{path}: {json.dumps(old)[:160]} -> {json.dumps(new)[:160]}"


if __name__ == "__main__":
    sys.exit(main())
