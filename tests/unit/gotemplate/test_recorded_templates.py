"""The template room alone, without files, against everything that was recorded of the real one."""

import posixpath
import random
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from crossgate.gotemplate import Function, GoError, TemplateError, TemplateSet, go_function
from crossgate.gotemplate.marshal import from_json
from crossgate.gotemplate.sprig import World, sprig_functions
from crossgate.gotemplate.sprig.json_functions import json_or_nothing
from crossgate.gotemplate.sprig.paths import join
from crossgate.gotemplate.values import NilMap, type_of
from tests.support.template_vectors import Recorded, recorded_templates

_RENDERS = [row for row in recorded_templates() if row.stage != "settings" and row.main in row.files]
# Of these only the loading is of interest, which is not done here.
_WITHOUT_FLEXIBLE = {row.id for row in _RENDERS if not row.env.get("FC_ENABLE") or row.id == "switch-09"}


def zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def functions_of(row: Recorded) -> dict[str, Function]:
    lots = random.Random(row.id)
    world = World.of_environment(
        row.env,
        now=lambda: 1_700_000_000_000_000_000,
        random_bytes=lots.randbytes,
        zone=zone,
        local_zone=zone(row.env.get("TZ", "UTC")) or UTC,
    )

    def include(name: object) -> str:
        if not isinstance(name, str):
            shown = "nil" if name is None else type_of(name)
            raise GoError(f"interface conversion: interface {{}} is {shown}, not string")
        return row.files.get(join(row.folder("FC_PARTIALS"), name), "")

    own = {"include": go_function("any", include), "marshal": go_function("any", json_or_nothing)}
    return {**sprig_functions(world), **own}


def rendered(row: Recorded) -> str:
    templates = TemplateSet(functions_of(row))
    name = posixpath.basename(row.main)
    templates.parse(name, row.files[row.main])
    data = {}
    for path in sorted(row.files):
        folder, file = posixpath.split(path)
        if row.env.get("FC_TEMPLATES") and folder == row.folder("FC_TEMPLATES") and file.endswith(".tmpl"):
            templates.parse(file, row.files[path])
        if row.env.get("FC_SETTINGS") and folder == row.folder("FC_SETTINGS") and file.endswith(".json"):
            settings = from_json(row.files[path])
            data[file.removesuffix(".json")] = NilMap() if settings is None else settings
    return templates.execute(name, data).text


@pytest.mark.parametrize("row", [row for row in _RENDERS if row.stage != "template"], ids=lambda row: row.id)
def test_it_renders_what_krakend_renders(row: Recorded) -> None:
    if row.id in _WITHOUT_FLEXIBLE or row.rendered is None:
        assert row.id.startswith("switch-")
        return
    assert rendered(row) == row.rendered


@pytest.mark.parametrize("row", [row for row in _RENDERS if row.stage == "template"], ids=lambda row: row.id)
def test_it_fails_with_krakends_words(row: Recorded) -> None:
    with pytest.raises(TemplateError) as failure:
        rendered(row)
    assert row.error is not None
    assert row.error.endswith(str(failure.value))
