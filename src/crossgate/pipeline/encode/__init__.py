"""Data to the body of a response: one file per output encoding, and the table that names them.

Source: lura 2.13 `router/gin/render.go`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crossgate.pipeline.encode.json_render import render_collection, render_json
from crossgate.pipeline.encode.negotiate import accepted_encoding
from crossgate.pipeline.encode.string_render import render_string
from crossgate.pipeline.encode.xml_render import render_xml

__all__ = ["NEGOTIATE", "Data", "Renderer", "encoding_name", "renderer_for"]

Data = dict[str, Any] | None
Renderer = Callable[[Data, bytes | None], tuple[bytes, bytes]]
"""(data, the request's first Accept) to (Content-Type, body). Total: whatever was decoded can be rendered."""

NO_OP = "no-op"
NEGOTIATE = "negotiate"


def encoding_name(output_encoding: str, backend_encodings: Sequence[str]) -> str:
    """The encoding an endpoint answers in: its own if that is known, else that of its only backend, else json.

    Names are exact. `no-op` is among the answers, and means that the backend's response is passed on as it is.
    """
    if output_encoding in _RENDERERS:
        return output_encoding
    if len(backend_encodings) == 1 and backend_encodings[0] in _RENDERERS:
        return backend_encodings[0]
    return "json"


def renderer_for(output_encoding: str, backend_encodings: Sequence[str]) -> Renderer:
    """The renderer of the encoding that `encoding_name` tells. That of no-op renders nothing, not even a type."""
    return _RENDERERS[encoding_name(output_encoding, backend_encodings)]()


def _without_accept(render: Callable[[Data], tuple[bytes, bytes]]) -> Callable[[], Renderer]:
    return lambda: lambda data, _accept: render(data)


def _yaml() -> Renderer:
    from crossgate.pipeline.encode.yaml_render import render_yaml  # a MB of memory, of use to few

    return lambda data, _accept: render_yaml(data)


def _negotiated() -> Renderer:
    renderers = {name: _RENDERERS[name]() for name in ("json", "xml", "yaml")}
    return lambda data, accept: renderers[accepted_encoding(accept)](data, accept)


def _nothing() -> Renderer:
    return lambda _data, _accept: (b"", b"")


_RENDERERS: dict[str, Callable[[], Renderer]] = {
    "json": _without_accept(render_json),
    "json-collection": _without_accept(render_collection),
    "string": _without_accept(render_string),
    "xml": _without_accept(render_xml),
    "yaml": _yaml,
    NEGOTIATE: _negotiated,
    NO_OP: _nothing,
}
