"""The published schema of SARIF 2.1.0, as a validator."""

import functools
import json
import lzma
from pathlib import Path
from typing import Any

import jsonschema


@functools.cache
def sarif_validator() -> Any:
    """Checks formats, too."""
    path = Path(__file__).parents[1] / "data" / "sarif-2.1.0.json.xz"
    schema = json.loads(lzma.decompress(path.read_bytes()))
    return jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
