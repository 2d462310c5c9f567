"""An object of the file with fixed keys, read through its key table: which keys count, and their values.

Knows KrakenD's rules for key names (letter case, versions, comments) and reports what it meets; does not know what any
key means.
"""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from crossgate.config import convert
from crossgate.config.belonging import where_it_belongs
from crossgate.config.keys import KeyTable, Kind, Manner, is_comment
from crossgate.config.report import Report
from crossgate.diagnostics import Fix
from crossgate.diagnostics.path import child

_T = TypeVar("_T")

_MAX_SHOWN = 10**12
_WORDS = {
    Kind.TEXT: "a string",
    Kind.INTEGER: "an integer",
    Kind.BOOLEAN: "true or false",
    Kind.DURATION: 'a duration such as "3s"',
    Kind.TEXTS: "a list of strings",
    Kind.TEXT_MAP: "an object with strings as values",
    Kind.OBJECT: "an object",
    Kind.OBJECTS: "a list of objects",
    Kind.ANY: "anything",
}


_HINTS = {
    Kind.TEXT: "write a string in double quotes",
    Kind.INTEGER: "write a whole number without quotes",
    Kind.BOOLEAN: "write true or false without quotes",
    Kind.DURATION: 'write a number and a unit (ns, us, ms, s, m or h), such as "2s"',
    Kind.TEXTS: 'write a list of strings: ["…", "…"]',
    Kind.TEXT_MAP: 'write an object with strings: {"…": "…"}',
    Kind.OBJECT: "write an object: {…}",
    Kind.OBJECTS: "write a list of objects: [{…}, {…}]",
    Kind.ANY: "",
}


class Fields:
    """The keys of one object that count, by KrakenD 2's names. Reading a value reports what is wrong with it.

    `broken` collects the names whose value could not be read. `overlaid` names keys whose value comes from an
    environment variable, with that variable's name.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        path: str,
        table: KeyTable,
        version: Literal[2, 3],
        report: Report,
        overlaid: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = raw
        self.path = path
        self.table = table
        self.version = version
        self.report = report
        self.overlaid = overlaid or {}
        self.broken: set[str] = set()
        self.keys: dict[str, str] = {}
        self._sort_keys()

    def get(self, name: str) -> Any:
        """The value as written; None where the key is absent."""
        written = self.keys.get(name)
        return None if written is None else self.raw[written]

    def at(self, name: str) -> str:
        """The path of a key's value, or the environment variable that gives it."""
        written = self.keys.get(name)
        if written is None:
            return self.path
        return self.overlaid.get(written) or child(self.path, written)

    def text(self, name: str, default: str = "") -> str:
        """A text; empty counts as given."""
        value = self.get(name)
        return value if type(value) is str else self._read(name, convert.to_text, default)

    def integer(self, name: str, default: int = 0) -> int:
        """An integer within int64."""
        return self._read(name, convert.to_integer, default)

    def boolean(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.get(name)
        return value if type(value) is bool else self._read(name, convert.to_boolean, default)

    def nanoseconds(self, name: str, default: int = 0) -> int:
        """A duration in nanoseconds, negative ones included."""
        return self._read(name, convert.to_duration, default)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is absent."""
        return self._read(name, convert.to_texts, ())

    def text_map(self, name: str) -> Mapping[str, str]:
        """Texts by name; empty where the key is absent."""
        return self._read(name, convert.to_text_map, {})

    def object(self, name: str) -> Mapping[str, Any] | None:
        """An object as written; None where the key is absent, null or no object (which is reported)."""
        value = self.get(name)
        if value is None or isinstance(value, dict):
            return value
        self._wrong(name, f"expected a map, got '{convert.go_type(value)}'")
        return None

    def objects(self, name: str) -> list[tuple[str, Any]]:
        """The items of a list with their paths, whatever they are. A single object counts as a list of one."""
        value = self.get(name)
        if value is None:
            return []
        path = self.at(name)
        if isinstance(value, list):
            return [(child(path, position), item) for position, item in enumerate(value)]
        if isinstance(value, dict) and self.table.manner is Manner.CONVERT:
            self._converted(name, "a list with this object")
            return [(path, value)] if value else []
        self._wrong(name, f"expected a map, got '{convert.go_type(value)}'")
        return []

    def words(self, name: str) -> str:
        """What a key's value has to be, for messages."""
        return _WORDS[self.table.by_name[name].kind]

    def broke(self, name: str) -> None:
        """Remember that a key's value is of no use, for rules that look at it."""
        self.broken.add(name)

    # ---- names

    def _sort_keys(self) -> None:
        """Find the keys that count. The exact spelling beats others, of others the last counts."""
        names, spellings, keys = self.table.names[self.version], self.table.spellings[self.version], self.keys
        folds = self.table.folds_case
        for written in self.raw:
            plain = spellings.get(written)
            if plain is not None and plain not in keys:
                keys[plain] = written
                continue
            name = written.lower() if folds else written
            key = names.get(name)
            if key is not None and key.exact and written != name:
                self._in_other_case(written, name)
                continue
            if key is None:
                if not is_comment(written):
                    self._unknown(written, name)
                continue
            if written not in (key.name, key.old):
                spelling = key.name if name == key.name.lower() else key.old
                self.report.warning(
                    "CFG225",
                    child(self.path, written),
                    f'the key "{written}" is read as "{spelling}"',
                    hint=f'write "{spelling}"',
                    krakend="reads it in any letter case",
                    on_key=True,
                    fix=Fix("key", json.dumps(spelling)),
                )
            rival = self.keys.get(key.name)
            if rival is None:
                self.keys[key.name] = written
                continue
            # Two spellings of one key: KrakenD takes the exact one, else whichever its map yields.
            winner, loser = (rival, written) if rival == key.name else (written, rival)
            self.keys[key.name] = winner
            self.report.warning(
                "CFG222",
                child(self.path, loser),
                f'"{loser}" is ignored, because the same key is there as "{winner}"',
                hint="remove one of the two",
                krakend="takes one of the two",
                on_key=True,
            )

    def _in_other_case(self, written: str, name: str) -> None:
        self.report.warning(
            "CFG205",
            child(self.path, written),
            f'"{written}" is ignored: here keys count in lower case only',
            hint=f'write "{name}"',
            krakend="ignores it silently",
            on_key=True,
        )

    def _unknown(self, written: str, name: str) -> None:
        path = child(self.path, written)
        other: Literal[2, 3] = 2 if self.version == 3 else 3
        known = self.table.names[other].get(name)
        if known is not None:
            mine = known.name if self.version == 3 else (known.old or "")
            release, own = ("2.x", 2) if self.version == 3 else ("1.4", 3)
            hint = f'in a version {self.version} file, write "{mine}"' if mine else "remove it, or write version 3"
            self.report.warning(
                "CFG206",
                path,
                f'"{written}" has no effect here: it is a name from version {own} files',
                hint=hint,
                krakend=f"{release} ignores it silently",
                on_key=True,
            )
            return
        self.report.warning(
            "CFG205",
            path,
            f'there is no key "{written}" in {self.table.title}',
            hint=where_it_belongs(written, self.table, self.version),
            krakend="ignores it silently",
            on_key=True,
        )

    # ---- values

    def _read(self, name: str, reader: Any, default: _T) -> _T:
        value = self.get(name)
        if value is None:
            return default
        try:
            decoded: _T
            decoded, converted = reader(value)
        except convert.ConversionError as refused:
            self._wrong(name, str(refused), getattr(refused, "position", None))
            return default
        if not converted:
            return decoded
        if self.table.manner is not Manner.CONVERT:
            if isinstance(value, float) and value.is_integer():
                return decoded
            self._wrong(name, "", next((step for step, _ in self._converted_items(name, value)), None))
            return default
        if self.keys[name] not in self.overlaid:
            self._converted(name, decoded)
        return decoded

    def _converted_items(self, name: str, value: Any) -> list[tuple[str | int, str]]:
        """The members of a list of texts, or of texts by name, that had to be converted."""
        kind = self.table.by_name[name].kind
        fits = isinstance(value, list) if kind is Kind.TEXTS else isinstance(value, dict) and kind is Kind.TEXT_MAP
        return convert.converted_items(value) if fits else []

    def _converted(self, name: str, decoded: Any) -> None:
        key = self.table.by_name[name]
        path = self.at(name)
        if key.kind is Kind.DURATION:
            self.report.warning(
                "CFG219",
                path,
                f"a number without a unit counts nanoseconds: this is {decoded} ns",
                hint=unit_hint(self.get(name)),
                krakend="takes it as nanoseconds",
                cause=f"{name} without a unit",
            )
            return
        items = self._converted_items(name, self.get(name))
        for step, text in items:
            item = f'"{_cut(text, more=False, closing="")}"'
            message, hint = f'"{name}" should be {_WORDS[key.kind]}; this is read as {item}', f"write {item}"
            fix = Fix("value", json.dumps(text, ensure_ascii=False))
            self.report.warning(
                "CFG203", child(path, step), message, hint=hint, krakend="converts it silently", fix=fix
            )
        if items:
            return
        shown = decoded if isinstance(decoded, str) else _shown(decoded)
        if key.kind is Kind.TEXT:
            shown = f'"{decoded}"'
        self.report.warning(
            "CFG203",
            path,
            f'"{name}" should be {_WORDS[key.kind]}; this is read as {shown}',
            hint=f"write {shown}" if key.kind is not Kind.OBJECTS else "put it into a list",
            krakend="converts it silently",
            fix=Fix("into_list") if key.kind is Kind.OBJECTS else Fix("value", json.dumps(decoded, ensure_ascii=False)),
        )

    def _wrong(self, name: str, reason: str, position: int | str | None = None) -> None:
        key = self.table.by_name[name]
        self.broken.add(name)
        path = self.at(name)
        if position is not None:
            path = child(path, position)
        manner = self.table.manner
        if manner is Manner.CONVERT:
            code = "CFG204" if reason.startswith("time: ") else "CFG202"
            place = path.removeprefix("$").removeprefix(".")
            hint = _HINTS[key.kind]
            if self.keys[name] in self.overlaid:
                hint = _environment_hint(path)
            message = f'"{name}" must be {_WORDS[key.kind]}'
            self.report.error(code, path, message, hint=hint, krakend=f"refuses to start: '{place}' {reason}")
        elif manner is Manner.OWN:
            self.report.error("CFG220", path, f'"{name}" must be {_WORDS[key.kind]}', hint=_HINTS[key.kind])
        else:
            ignored = "is ignored" if position is None else "is ignored as a whole"
            message = f'"{name}" {ignored}: it must be {_WORDS[key.kind]}'
            self.report.warning("CFG217", path, message, hint=_HINTS[key.kind], krakend="ignores it silently")


def report_choice(fields: Fields, name: str, value: str, choices: tuple[str, ...], krakend: str) -> None:
    """Warn of a value that is none of those there are, so that a default holds."""
    close = get_close_matches(value.lower().replace("_", "-"), choices, n=1, cutoff=0.6)
    fields.report.warning(
        "CFG216",
        fields.at(name),
        f'"{name}" cannot be "{_cut(value, more=False, closing="")}", so its default is used',
        hint=f'write "{close[0]}"' if close else f"write one of {', '.join(choices)}",
        krakend=krakend,
    )


def unit_hint(number: Any) -> str:
    """How a number is written as a duration; nobody knows which unit was meant."""
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < _MAX_SHOWN:
        return f'add the unit: "{number}s" for seconds, "{number}ms" for milliseconds'
    return 'write it with a unit, such as "2s"'


def _environment_hint(variable: str) -> str:
    if variable == "KRAKEND_PORT":
        return "Kubernetes sets this variable for a service named krakend; enableServiceLinks: false prevents that"
    return "the value comes from this environment variable"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return _cut("[" + ", ".join([f'"{item}"' for item in value[:20]]), len(value) > 20, "]")
    if isinstance(value, dict):
        members = [f'"{name}": "{item}"' for name, item in list(value.items())[:20]]
        return _cut("{" + ", ".join(members), len(value) > 20, "}")
    return str(value)


def _cut(text: str, more: bool, closing: str) -> str:
    return f"{text[:80]} …" if more or len(text) > 80 else text + closing
