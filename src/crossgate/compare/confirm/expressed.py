"""Requests for each way in which the expressions at an endpoint, and at its backends, come out.

Knows what of a request an expression reads; which values it takes is asked of the expressions themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from crossgate.compare.confirm.expressions import Asked, Ref, Values, put, told_apart
from crossgate.compare.difference import Example
from crossgate.compare.forwarded import endpoint_fields
from crossgate.compare.requested import on_condition, with_field, with_query, without_field
from crossgate.components.cel.config import Checks
from crossgate.config.model import EndpointConfig
from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.url import query_escape
from crossgate.plan.url_template import internal_name

_MOST = 12
_ANSWERED: Mapping[str, Any] = {
    "resp_data": {"other": "v"},
    "resp_completed": True,
    "resp_metadata_status": 200,
    "resp_metadata_headers": {},
}


def expressed(example: Example, places: Sequence[EndpointConfig]) -> Iterator[Example]:
    """Variations of the example; none where no expression is asked."""
    asked = {
        (one.text, one.prefix, one.fixed.get("req_method")): one for place in places for one in _asked(example, place)
    }
    if asked:
        request = _Request(example, places)
        for values in islice(told_apart(list(asked.values()), request.is_free), _MOST):
            yield request.having(values)


def _asked(example: Example, place: EndpointConfig) -> Iterator[Asked]:
    owners = [(place.components, place.method)]
    owners += [(backend.components, backend.method or place.method) for backend in place.backends]
    path = example.target.partition("?")[0]
    params = dict(_params(example.target, place))
    for components, method in owners:
        checks = components.get("cel")
        if isinstance(checks, Checks):
            request = {"req_method": method, "req_path": path, "req_params": params}
            for text in checks.before:
                yield Asked(text, "req_", {**request, "req_headers": {}, "req_querystring": {}})
            for text in checks.after:
                yield Asked(text, "resp_", _ANSWERED)


def _params(target: str, place: EndpointConfig) -> Iterator[tuple[str, str]]:
    """Parameters by the names that expressions have for them, each with its segment."""
    segments = target.partition("?")[0].split("/")
    for part, segment in zip(place.path.split("/"), segments, strict=False):
        if part[:1] == "{" and part[-1:] == "}":
            yield internal_name(part[1:-1]), segment


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that can have other values."""

    example: Example
    places: Sequence[EndpointConfig]

    def is_free(self, ref: Ref) -> bool:
        """Whether a request, or the answer of a backend, can say what that is."""
        match ref:
            case ("req_headers", name):
                passing = [endpoint_fields(place.input_headers).names for place in self.places]
                passes = any(names is None or name.lower() in names for names in passing)
                return passes and canonical_header_name(name) == name and name.isascii()
            case ("req_querystring", name):
                return any({"*", name} & set(place.input_query_strings) for place in self.places)
            case ("req_params", name):
                return any(name in dict(_params(self.example.target, place)) for place in self.places)
            case ("resp_completed" | "resp_metadata_status",) | ("resp_metadata_headers", _):
                return True
        return ref[0] == "resp_data" and len(ref) > 1

    def having(self, values: Values) -> Example:
        """The request with these values."""
        example = self.example
        data = dict(example.backend_data) if isinstance(example.backend_data, dict) else {"other": "v"}
        has_data = False
        for ref, value in values.items():
            match ref:
                case ("req_headers", name):
                    example = without_field(example, name) if value is None else with_field(example, name, str(value))
                case ("req_querystring", name) if value is not None:
                    example = with_query(example, name, query_escape(str(value).encode()).decode())
                case ("req_params", name) if value is not None:
                    example = self._at(example, name, str(value))
                case ("resp_data", *steps):
                    has_data = True
                    if value is not None:
                        put(data, steps, value)
                case ("resp_completed",) if value is False:
                    example = on_condition(replace(example, backend_status=500), "the backend fails")
                case ("resp_metadata_status",) if isinstance(value, int) and 200 <= value < 600:
                    example = replace(example, backend_status=value)
                case ("resp_metadata_headers", name) if value is not None:
                    example = replace(example, backend_fields=(*example.backend_fields, (name, str(value))))
        return replace(example, backend_data=data, backend_text=None) if has_data else example

    def _at(self, example: Example, name: str, value: str) -> Example:
        """With that segment in the place of a parameter."""
        path, mark, query = example.target.partition("?")
        segments = path.split("/")
        for place in self.places:
            for number, part in enumerate(place.path.split("/")):
                if part[:1] == "{" and internal_name(part[1:-1]) == name and number < len(segments) and value:
                    segments[number] = query_escape(value.encode()).decode().replace("+", "%20")
                    return replace(example, target="/".join(segments) + mark + query)
        return example
