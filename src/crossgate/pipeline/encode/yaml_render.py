"""`yaml`: data as a YAML document in block style with sorted keys.

Number literals come out as quoted strings, as in KrakenD, where they are of a string type. Quotes are double ones.
Source: gin 1.10 `render/yaml.go`; the layout is goccy/go-yaml's as far as PyYAML has it.
"""

import re
from typing import Any

import yaml

from crossgate.golang.json_text import encode_json
from crossgate.golang.number import Number, number_text

_CONTENT_TYPE = b"application/yaml; charset=utf-8"
_STR, _MAP, _SEQ, _NULL, _BOOL = (f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq", "null", "bool"))
_ONE_LINE = 1 << 30  # characters
# What may stand unquoted wherever block style puts a scalar. Too narrow costs quotes, never the meaning.
_PLAIN = re.compile(r"(?:[\w/.$+(~^=;<]|-(?=\S))(?:[\w./$+()~^=;<>@%&*!|?,'\"\[\]{} -]|:(?=\S)|(?<=\S)#)*(?<! )")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Dumper(yaml.SafeDumper if not yaml.__with_libyaml__ else yaml.CSafeDumper):  # type: ignore[misc] # either one
    """PyYAML's dumper, with our types and without anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def render_yaml(data: dict[str, Any] | None) -> tuple[bytes, bytes]:
    """All of the data; `{}` where there is none.

    DEVIATION(DEV-DATA-7): data nested deeper than PyYAML can go (some 300 levels) is written in flow style, as JSON.
    """
    try:
        text = yaml.dump(
            data or {}, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=_ONE_LINE, indent=2
        )
    except RecursionError:
        return _CONTENT_TYPE, encode_json(data) + b"\n"
    return _CONTENT_TYPE, text.encode()


def _represent_str(dumper: Any, text: str) -> yaml.Node:
    text = _SURROGATE.sub("\ufffd", text)
    return dumper.represent_scalar(_STR, text, style=None if _is_plain(text) else '"')  # type: ignore[no-any-return]


def _is_plain(text: str) -> bool:
    if _PLAIN.fullmatch(text) is None:
        return False
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], ())
    return not any(pattern.match(text) for _, pattern in resolvers)


def _represent_number(dumper: Any, value: Any) -> yaml.Node:
    return dumper.represent_scalar(_STR, number_text(value), style='"')  # type: ignore[no-any-return]


def _represent_bool(dumper: Any, value: bool) -> yaml.Node:
    return dumper.represent_scalar(_BOOL, "true" if value else "false")  # type: ignore[no-any-return]


def _represent_null(dumper: Any, _value: None) -> yaml.Node:
    return dumper.represent_scalar(_NULL, "null")  # type: ignore[no-any-return]


def _represent_map(dumper: Any, value: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping(_MAP, [(key, value[key]) for key in sorted(value)])  # type: ignore[no-any-return]


def _represent_list(dumper: Any, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence(_SEQ, value)  # type: ignore[no-any-return]


_Dumper.yaml_representers = {
    str: _represent_str,
    int: _represent_number,
    float: _represent_number,
    Number: _represent_number,
    bool: _represent_bool,
    type(None): _represent_null,
    dict: _represent_map,
    list: _represent_list,
}
