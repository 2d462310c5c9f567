"""One backend of an endpoint in both files: whom it asks for what, and what it makes of the answer."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

from crossgate.compare.answered_names import COLLECTING
from crossgate.compare.bound import Bound
from crossgate.compare.closed import is_never_asked, method_of
from crossgate.compare.decoded import read_as, telling_answer
from crossgate.compare.difference import Difference, Example, Kind, Place
from crossgate.compare.failing import answers_nothing
from crossgate.compare.forwarded import Forwarded, forwarded
from crossgate.compare.manipulated import lets_more_through, showing_data
from crossgate.compare.requested import on_condition, with_field, with_query
from crossgate.compare.visible import is_plain_no_op, rendered_as, visible_in, visible_in_both
from crossgate.compare.words import counted, listed, seconds
from crossgate.config.model import BackendConfig
from crossgate.pipeline.hosts import parse_host
from crossgate.plan import BackendPlan, EndpointPlan

_OBJECTS = frozenset(("json", "safejson", "fast-json"))  # decoders of whose data any object can be


@dataclass(frozen=True, slots=True)
class Called:
    """One backend as requests reach it. `number` is its index in the file."""

    bound: Bound
    plan: BackendPlan

    @property
    def config(self) -> BackendConfig:
        """Its configuration."""
        return self.plan.config

    @property
    def hosts(self) -> frozenset[tuple[object, int]]:
        """Who is asked, each with its share."""
        config = self.config
        counts = Counter(map(parse_host, config.hosts))
        divisor = gcd(*counts.values()) if counts else 1
        hosts: set[tuple[object, int]] = set()
        for host, count in counts.items():
            at = (host.scheme, host.authority, host.prefix, host.authorization, host.fault and host.text)
            hosts.add((at, count // divisor))
        if config.sd == "dns":
            hosts.add((("dns", config.sd_scheme), 1))
        return frozenset(hosts)

    @property
    def target(self) -> str:
        """What is asked for."""
        return self.bound.filled(self.plan)

    @property
    def method(self) -> str:
        """What all its calls are made with, empty where components may make it another."""
        return method_of(self.config, self.bound.endpoint.config)

    @property
    def is_never_asked(self) -> bool:
        """Whether no call of it is made."""
        return is_never_asked(self.bound.endpoint.config, self.config.index, self.bound.plan)

    @property
    def decoding(self) -> tuple[object, ...]:
        """How answers are read; nothing where they are passed on as they are."""
        if self.plan.no_op:
            return ("no-op",)
        name = self.config.encoding
        return (name, self.config.is_collection and name in COLLECTING)

    @property
    def forwarded(self) -> Forwarded:
        """What of a request reaches it."""
        endpoint = self.bound.endpoint.config
        return forwarded(
            endpoint.input_headers,
            endpoint.input_query_strings,
            self.config.input_headers,
            self.config.input_query_strings,
        )

    def at(self, key: str = "") -> Place:
        """A key's place."""
        return Place(self.bound.endpoint.config.index, self.config.index, key)


def compare_called(old: Called, new: Called, plain: Example, *, is_shadow: bool) -> Iterator[Difference]:
    """All that is different of one backend but for its components."""

    def found(kind: Kind, key: str, sentence: str, *, opens: bool = False, example: Example = plain) -> Difference:
        which = f"{_name(new)}: " if len(new.bound.endpoint.config.backends) > 1 else ""
        return Difference(kind, which + sentence, opens, new.bound.label, old.at(key), new.at(key), example)

    if old.hosts != new.hosts:
        text = f"asked are {_hosts(new.config)} instead of {_hosts(old.config)}"
        one = found(Kind.CALLS, "host", text, opens=_names_other_host(old, new))
        if {host for host, _ in old.hosts} == {host for host, _ in new.hosts}:
            one = replace(one, shown_by="repeats", example=replace(plain, times=100))  # only their shares are others
        yield one
    if old.plan.method != new.plan.method and not _has_other_method(old, new):
        yield found(Kind.CALLS, "method", f"it is asked with {new.plan.method} instead of {old.plan.method}")
    if old.target != new.target:
        text = f"it is asked for {new.config.url_pattern} instead of {old.config.url_pattern}"
        if old.config.url_pattern == new.config.url_pattern:
            text = f"{new.config.url_pattern} gets its values from other parts of the path"
        yield found(Kind.CALLS, "url_pattern", text)
    yield from _compare_forwarded(old, new, plain, found)
    if is_shadow:
        if old.config.shadow_timeout_seconds != new.config.shadow_timeout_seconds:
            times = seconds(old.config.shadow_timeout_seconds), seconds(new.config.shadow_timeout_seconds)
            text = f"a shadow may take {times[1]} instead of {times[0]}"
            yield replace(found(Kind.TIMEOUT, "", text), shown_by="operation")
        return
    if is_plain_no_op(old.bound.endpoint) != is_plain_no_op(new.bound.endpoint):
        return  # nothing is read on one side: the endpoint's encoding says so
    if answers_nothing(old.bound, old.plan) and answers_nothing(new.bound, new.plan):
        if read_as(old.plan, "") != read_as(new.plan, ""):
            text = f"answers are read as {_decoder(new)} instead of {_decoder(old)}"
            if old.decoding == new.decoding:
                text = f"something else is made of answers without a body: {_said(old, new)}"
            yield found(Kind.DATA, "", text)
    elif old.decoding != new.decoding:
        body = telling_answer(old.plan, new.plan, visible_in(new.bound.endpoint))
        if body is not None:
            text = f"answers are read as {_decoder(new)} instead of {_decoder(old)}"
            yield found(Kind.DATA, "encoding", text, example=replace(plain, backend_text=body))
    elif not new.plan.no_op:
        yield from _compare_data(old, new, plain, found)
    yield from _compare_errors(old, new, plain, found)


def _compare_forwarded(old: Called, new: Called, plain: Example, found: Any) -> Iterator[Difference]:
    if old.is_never_asked and new.is_never_asked:
        return
    before, after = old.forwarded, new.forwarded
    for word, key, with_one in (
        ("field", "input_headers", with_field),
        ("query parameter", "input_query_strings", with_query),
    ):
        was, now = (before.fields, after.fields) if word == "field" else (before.query, after.query)
        more, less = now.beyond(was), was.beyond(now)
        for names, verb, opens in ((more, "now reaches", True), (less, "no longer reaches", False)):
            if not names:
                continue
            others = was.names if opens else now.names
            name = names[0] if names != ["any"] else _unlisted(others)
            shown = f"any {word}" if names == ["any"] else f"{word} {listed(names)}"
            if names == ["any"] and others:
                shown = f"any {word} (other than {listed(sorted(others))})"
            text = f"{shown} {verb} the backend"
            is_there = word == "field" and any(field[0].lower() == name for field in plain.fields)
            example = plain if is_there else with_one(plain, name, "shown")
            one = found(Kind.FIELDS, key, text, opens=opens, example=example)
            if getattr(old.config, key) == getattr(new.config, key):  # it is the endpoint's that is another
                places = (replace(place, backend=-1) for place in (old.at(key), new.at(key)))
                one = replace(one, **dict(zip(("old", "new"), places, strict=True)))
            needed = frozenset() if names == ["any"] else frozenset(names)
            yield replace(one, names=needed) if word == "field" else replace(one, queries=needed)
    if (before.fields.names is None) != (after.fields.names is None):
        return  # what is added follows
    if before.added != after.added:
        more, less = sorted(after.added - before.added), sorted(before.added - after.added)
        text = "; ".join(
            [
                f"{listed(names)} {verb} sent to the backend"
                for names, verb in ((more, "is"), (less, "is no longer"))
                if names
            ]
        )
        yield found(Kind.FIELDS, "input_headers", text, example=with_field(plain, "User-Agent", "curl/8"))
    if before.length != after.length:
        text = "the client's Content-Length " + ("is" if after.length else "is no longer") + " passed on"
        body = replace(plain, body=plain.body or "{}")
        yield found(Kind.FIELDS, "input_headers", text, example=body)


def _decoder(called: Called) -> str:
    name, *collects = called.decoding
    return f"{name} with a list" if collects == [True] else str(name)


def _compare_data(old: Called, new: Called, plain: Example, found: Any) -> Iterator[Difference]:
    see = visible_in_both(old.bound.endpoint, new.bound.endpoint)
    if rendered_as(old.bound.endpoint) != rendered_as(new.bound.endpoint):
        see = (see[1], see[1])  # that they are written otherwise is told of the endpoint
    if old.decoding[0] in _OBJECTS and not old.config.is_collection:
        data = showing_data(old.config, new.config, see)
        shown = None if data is None else _answered(plain, data)
    else:
        body = telling_answer(old.plan, new.plan, see[1])
        shown = None if body is None else replace(plain, backend_text=body)
    if shown is None:
        return
    key = next(
        (name for name in ("target", "allow", "deny", "mapping", "group") if _member(old, name) != _member(new, name)),
        "",
    )
    opens = lets_more_through(old.config, new.config)
    more = "more" if opens else "other things"
    text = f"{more} of its answers come through: {_said(old, new)}"
    yield found(Kind.DATA, key, text, opens=opens, example=shown)


def _said(old: Called, new: Called) -> str:
    parts = []
    for name in ("target", "allow", "deny", "mapping", "group", "flatmap"):
        before, after = _member(old, name), _member(new, name)
        if before != after:
            parts.append(f"{name} is {_shown(after)} instead of {_shown(before)}")
    return ", ".join(parts)


def _member(called: Called, name: str) -> Any:
    return getattr(called.config, name)


def _shown(value: Any) -> str:
    if not value:
        return "not set"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return listed([one if isinstance(one, str) else " ".join((one.type, *one.args)) for one in value])
    return listed([f"{key} → {target}" for key, target in value.items()])


def _compare_errors(old: Called, new: Called, plain: Example, found: Any) -> Iterator[Difference]:
    before, after = _errors(old), _errors(new)
    replays = old.config.send_body_on_redirect, new.config.send_body_on_redirect
    if replays[0] != replays[1] and new.config.hosts:
        elsewhere = (("Location", f"{new.config.hosts[0]}/elsewhere"),)
        moved = replace(plain, body=plain.body or "{}", backend_status=307, backend_fields=elsewhere)
        verb = "go along" if replays[1] else "do not go along"
        text = f"bodies {verb} where the backend redirects with 307 or 308"
        yield found(Kind.CALLS, "backend/http/client", text, example=on_condition(moved, "the backend redirects"))
    if before != after:
        failing = on_condition(replace(plain, backend_status=511, backend_data={"error": "shown"}), "the backend fails")
        text = f"of a backend that fails, clients see {after} instead of {before}"
        yield found(Kind.STATUS, "backend/http", text, opens=before == "nothing", example=failing)
    patterns = old.plan.template.internal_pattern, new.plan.template.internal_pattern
    if _has_other_method(old, new):
        patterns = f"{old.plan.method} {patterns[0]}", f"{new.plan.method} {patterns[1]}"
    if patterns[0] != patterns[1] and old.target == new.target and _names_pattern(old) and _names_pattern(new):
        failing = on_condition(replace(plain, backend_status=511), "the backend fails")
        text = f"the error that clients see where the backend fails names {patterns[1]} instead of {patterns[0]}"
        yield found(Kind.STATUS, "url_pattern", text, example=failing)


def _has_other_method(old: Called, new: Called) -> bool:
    """Whether calls have the method of both operations of GraphQL, whatever the backends' own are. That an answer to
    HEAD may not be compressed stays."""
    is_asked_alike = "graphql" in old.config.components and old.method == new.method != ""
    return is_asked_alike and "HEAD" not in (old.plan.method, new.plan.method)


def _names_pattern(called: Called) -> bool:
    """Whether clients see the text of its failure, parameters' names included: `[GET /users/{{.Id}}]`."""
    config, bound = called.config, called.bound
    is_text = not (called.plan.no_op or config.return_error_details or config.return_error_code)
    return is_text and bound.plan.router.return_error_msg and shows_failures(bound, bound.endpoint, called.plan)


def _errors(called: Called) -> str:
    """What clients see of a failing backend. Its status only where its failure is the endpoint's."""
    if called.plan.no_op:
        return "all"
    config, endpoint = called.config, called.bound.endpoint
    if config.return_error_details:
        return f'status and body under "error_{config.return_error_details}"'
    if config.return_error_code and shows_failures(called.bound, endpoint, called.plan):
        return "its status and body" if called.bound.plan.router.return_error_msg else "its status"
    return "nothing"


def shows_failures(bound: Bound, endpoint: EndpointPlan, backend: BackendPlan) -> bool:
    """Whether the failure of that backend can be what the client gets."""
    static = endpoint.config.static
    if static is not None and static.strategy in ("always", "errored", "incomplete"):
        return False
    if len(endpoint.backends) == 1:
        return True
    if endpoint.config.sequential:
        return endpoint.backends[0] is backend
    return bound.plan.router.return_error_msg or bound.plan.error_style == "http"


def _answered(plain: Example, data: Any) -> Example:
    return replace(plain, backend_data=data)


def _unlisted(names: frozenset[str] | None) -> str:
    return next(name for name in ("x-other", "x-other-2") if name not in (names or ()))


def _names_other_host(old: Called, new: Called) -> bool:
    return False if old.config.hosts else bool(new.config.hosts)


def _hosts(config: BackendConfig) -> str:
    """Hosts without what they may hold of passwords."""
    texts = [f"{host.scheme}://{host.authority}{host.prefix.decode()}" for host in map(parse_host, config.hosts)]
    shown = listed(texts) if texts else "no hosts"
    return f"{shown} (as DNS names them, {config.sd_scheme})" if config.sd == "dns" else shown


def _name(called: Called) -> str:
    return f"backend {counted(called.config.index)}"
