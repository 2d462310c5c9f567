"""Bodies of backends to data: one file per encoding, and the table that names them.

Decoded data is what `golang.json_text` describes: dicts, lists, strings, booleans, None and number literals.
"""

from collections.abc import Callable
from typing import Any

from crossgate.pipeline.decode.errors import DecodeError
from crossgate.pipeline.decode.gzip_body import gunzip
from crossgate.pipeline.decode.json_body import decode_json_body, decode_safejson_body
from crossgate.pipeline.decode.string_body import decode_noop_body, decode_string_body
from crossgate.pipeline.decode.xml_body import decode_xml_body

__all__ = ["Data", "DecodeError", "Decoder", "decoder_for", "gunzip"]

Data = dict[str, Any] | None
"""What a backend answered. None is Go's nil map: a JSON `null`, or nothing left; it has no keys, and renders `null`."""

Decoder = Callable[[bytes, bool], Data]
"""(body, is_collection) to data, whatever the Content-Type. Raises DecodeError and nothing else, whatever the body."""

_DECODERS: dict[str, Decoder] = {
    "json": decode_json_body,
    "safejson": decode_safejson_body,
    "string": decode_string_body,
    "xml": decode_xml_body,
    "no-op": decode_noop_body,
}


def decoder_for(encoding: str) -> Decoder:
    """The decoder of that name in any case; other names, and none, mean json. Source: lura 2.13 `encoding/`."""
    if encoding.lower() == "rss":
        from crossgate.pipeline.decode.rss_body import decode_rss_body  # half a MB of memory, of use to few

        return decode_rss_body
    return _DECODERS.get(encoding.lower(), decode_json_body)
