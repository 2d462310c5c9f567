"""The recorded answers of KrakenD's CORS layer, and what crossgate answers instead where it departs on purpose.

One table for every front: `records` reads it, `expectation` says for one case what crossgate must answer and which
departures of docs/deviations.md that takes. The rules here are written against the record and the configuration's text,
not against the engine.
"""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

DATA = Path(__file__).parents[1] / "data"
NAMESPACES = {"2.13": "security/cors", "1.4": "github_com/devopsfaith/krakend-cors"}
ABSENT = object()
Version = Literal["1.4", "2.13"]


@dataclass(frozen=True)
class Record:
    """One configuration. `block` is ABSENT where the version does not look at any namespace in it."""

    id: str
    version: Version
    block: Any
    outcome: Literal["ok", "disabled", "panic"]
    well_typed: bool
    cases: list[dict[str, Any]]

    @property
    def config_version(self) -> Literal[2, 3]:
        return 2 if self.version == "1.4" else 3


@dataclass
class Outcome:
    """What a client sees of a case, comparable: CORS fields and others by name, Vary as a set of members."""

    status: int
    reached_next: bool
    fields: dict[str, list[str]]
    vary: set[str]

    @classmethod
    def of(cls, status: int, reached_next: bool, headers: list[tuple[str, str]]) -> "Outcome":
        fields: dict[str, list[str]] = {}
        vary: set[str] = set()
        for name, value in headers:
            if name.lower() == "vary":
                vary |= {member.strip().lower() for member in value.split(",")}
            else:
                fields.setdefault(name.lower(), []).append(value)
        return cls(status, reached_next, fields, vary)


@dataclass
class Expectation:
    """What crossgate must answer, and the codes of the departures that make it differ from the record."""

    outcome: Outcome
    departures: set[str] = field(default_factory=set)


@cache
def records(version: Version) -> list[Record]:
    """All configurations of a version, with their cases."""
    return list(_read(version))


def durations() -> list[dict[str, Any]]:
    """The recorded readings of `max_age` strings."""
    with lzma.open(DATA / "cors-durations.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def request_fields(case: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """A case's request fields as a server hands them to the engine."""
    return [(name.lower().encode(), value.strip(" \t").encode()) for name, value in case["request"]["headers"]]


def is_refused_by_the_server(case: dict[str, Any]) -> bool:
    """Whether the record is the HTTP server's word (two Host lines) and not the CORS layer's."""
    return case["expect"]["status"] == 400


def expectation(record: Record, case: dict[str, Any]) -> Expectation:
    """What crossgate must answer to a case of a well-typed record."""
    expect = case["expect"]
    recorded = Outcome.of(expect["status"], expect["reached_next"], [tuple(line) for line in expect["headers"]])
    result = Expectation(recorded)
    if record.outcome != "ok":
        return result
    facts = _Facts(record, case)
    if case["next"] != "plain" and expect["reached_next"]:
        _own_the_headers(result, facts, case)
    granted = any(name.startswith("access-control-") for name in result.outcome.fields)
    if granted and facts.refused_here:
        result.departures.add(facts.refused_here)
        result.outcome.fields = _without_cors(result.outcome.fields)
    _send_one_method(result, facts)
    _send_nothing_empty(result)
    return result


def _read(version: Version) -> Iterator[Record]:
    with lzma.open(DATA / f"cors-krakend-{version}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            block = _block(version, raw["config"])
            yield Record(raw["id"], version, block, raw["config_outcome"], raw["well_typed"], raw["cases"])


def _block(version: Version, config: dict[str, Any]) -> Any:
    if version == "1.4":
        config = {name.lower(): block for name, block in config.items()}
    names = [NAMESPACES["1.4"]] if version == "1.4" else [NAMESPACES["2.13"], NAMESPACES["1.4"]]
    return next((config[name] for name in names if name in config), ABSENT)


class _Facts:
    """A case looked at naively: what its configuration and request are, by the text alone."""

    def __init__(self, record: Record, case: dict[str, Any]) -> None:
        self.old = record.version == "1.4"
        block = record.block
        if self.old:
            block = {key.lower(): value for key, value in block.items() if value is not None}
        self.block = block
        fields = [(name.lower(), value.strip(" \t")) for name, value in case["request"]["headers"]]
        self.method = case["request"]["method"]
        self.origins = [value for name, value in fields if name == "origin"]
        self.asked_methods = [value for name, value in fields if name == "access-control-request-method"]
        self.asked_headers = [value for name, value in fields if name == "access-control-request-headers"]
        self.is_preflight = self.method == "OPTIONS" and bool(self.asked_methods and self.asked_methods[0])

    @property
    def any_origin(self) -> bool:
        entries = self.block.get("allow_origins") or ["*"]
        return "*" in entries

    @property
    def origin_allowed(self) -> bool:
        if len(self.origins) != 1 or not self.origins[0]:
            return False
        if self.any_origin:
            return True
        origin = _ascii_lower(self.origins[0])
        for entry in map(_ascii_lower, self.block["allow_origins"]):
            prefix, star, suffix = entry.partition("*")
            if origin == entry and not star:
                return True
            if star and origin.startswith(prefix) and origin[len(prefix) :].endswith(suffix):
                return True
        return False

    @property
    def actual_method_allowed(self) -> bool:
        methods = self.block.get("allow_methods") or ["GET", "POST", "HEAD"]
        if self.old:
            return self.method.upper() in ["OPTIONS", *(method.upper() for method in methods)]
        return self.method in methods or self.method == "OPTIONS"

    @property
    def refused_here(self) -> str:
        """The departure by which crossgate refuses the case whatever KrakenD says; empty if none does."""
        if len(self.origins) > 1:
            return "DEV-CORS-1"
        origin = self.origins[0] if self.origins else ""
        if not self.any_origin:
            if len(origin.encode()) > 4096:
                return "DEV-CORS-9"
            if not origin.isascii() or not self.origin_allowed:
                return "DEV-CORS-5"  # allowed by KrakenD through Unicode folding only
        if self.is_preflight:
            if sum(len(line.encode()) for line in self.asked_headers) > 4096:
                return "DEV-CORS-4"
            if not self.old and not all(line.replace("\t", "").isprintable() for line in self.asked_headers):
                return "DEV-CORS-4"
            if not self.old and not all(line.isascii() for line in self.asked_headers):
                return "DEV-CORS-4"
        return ""


def _own_the_headers(result: Expectation, facts: _Facts, case: dict[str, Any]) -> None:
    """The next handler's Access-Control-Allow-Origin goes, ours comes back; Vary has the members of both."""
    theirs = dict(case["next_headers"])
    outcome = result.outcome
    lines = outcome.fields.get("access-control-allow-origin", [])
    assert lines[-1] == theirs["Access-Control-Allow-Origin"]
    if case["next"] == "add":
        ours = lines[:-1]
    elif facts.is_preflight:
        # Ours was replaced; that the preflight was granted shows in the method it names.
        granted = "access-control-allow-methods" in outcome.fields
        ours = ["*" if facts.any_origin else facts.origins[0]] if granted else []
    else:
        plain_options = facts.old and facts.method == "OPTIONS"
        granted = facts.origin_allowed and facts.actual_method_allowed and not plain_options
        ours = ["*" if facts.any_origin else facts.origins[0]] if granted else []
    if ours:
        outcome.fields["access-control-allow-origin"] = ours
    else:
        outcome.fields.pop("access-control-allow-origin")
    result.departures.add("DEV-CORS-6")
    outcome.vary |= {theirs["Vary"].lower()} | _own_vary(facts)
    if case["next"] == "set" and _own_vary(facts):
        result.departures.add("DEV-CORS-7")


def _own_vary(facts: _Facts) -> set[str]:
    if facts.is_preflight:
        asks_private_network = not facts.old and facts.block.get("allow_private_network")
        extra = {"access-control-request-private-network"} if asks_private_network else set()
        return {"origin", "access-control-request-method", "access-control-request-headers"} | extra
    return set() if facts.old and facts.method == "OPTIONS" else {"origin"}


def _without_cors(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: lines for name, lines in fields.items() if not name.startswith("access-control-")}


def _send_one_method(result: Expectation, facts: _Facts) -> None:
    lines = result.outcome.fields.get("access-control-allow-methods", [])
    if len(lines) > 1:
        assert lines == facts.asked_methods
        result.outcome.fields["access-control-allow-methods"] = lines[:1]
        result.departures.add("DEV-CORS-2")


def _send_nothing_empty(result: Expectation) -> None:
    for name, lines in list(result.outcome.fields.items()):
        kept = [line for line in lines if line]
        if kept != lines:
            result.departures.add("DEV-CORS-3")
            result.outcome.fields.pop(name)
            if kept:
                result.outcome.fields[name] = kept


def _ascii_lower(text: str) -> str:
    return text.encode().lower().decode()
