"""What looks at requests by themselves: agents, addresses, hosts, expressions, schemas.

Follows `components/bot_detector`, `security_http`, `cel`, `json_schema`, and the plugin `ip-filter`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from crossgate.compare.bodies import telling_body
from crossgate.compare.difference import Example, Kind
from crossgate.compare.expressions import form_of
from crossgate.compare.guards.change import Adapt, Change, changed, reworded, stronger, weaker
from crossgate.compare.networks import beyond, networks_of
from crossgate.compare.requested import on_condition, with_field
from crossgate.compare.told import seen_policy
from crossgate.compare.words import listed
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.bot_detector.gate import BotGate
from crossgate.components.cel.config import Checks
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.components.plugins.naming import Named
from crossgate.components.security_http.config import SecurityPolicy


def agent(name: str) -> Adapt:
    """A request of that User-Agent."""
    return lambda example: with_field(example, "User-Agent", name)


def _on(condition: str) -> Adapt:
    return lambda example: on_condition(example, condition)


def compare_bots(old: BotRules, new: BotRules) -> Iterator[Change]:
    """Each agent that is named is judged by both; patterns are compared as written."""
    before, after = BotGate(old), BotGate(new)
    let_in: list[str] = []
    kept_out: list[str] = []
    for name in sorted(old.allow | old.deny | new.allow | new.deny):
        was, now = before.is_bot(name), after.is_bot(name)
        if was != now:
            (kept_out if now else let_in).append(name.decode("latin-1"))
    if let_in:
        yield weaker(f"agents get in that did not: {listed(let_in)}", agent(let_in[0]))
    if kept_out:
        yield stronger(f"agents do not get in any more: {listed(kept_out)}", agent(kept_out[0]))
    more, less = sorted(set(new.patterns) - set(old.patterns)), sorted(set(old.patterns) - set(new.patterns))
    if more and less:
        text = f"agents are refused that match {listed(more)} instead of {listed(less)}"
        yield changed(text, _on("with such an agent"))
    elif less:
        yield weaker(f"agents are not refused any more that match {listed(less)}", _on("with such an agent"))
    elif more:
        yield stronger(f"agents are refused that match {listed(more)}", _on("with such an agent"))
    if old.refuses_empty != new.refuses_empty:
        word = stronger if new.refuses_empty else weaker
        yield word(f"who names no agent {'is refused' if new.refuses_empty else 'gets in'}", agent(""))


def compare_checks(old: Checks, new: Checks) -> Iterator[Change]:
    """Expressions, all of which have to hold; those that are written otherwise and ask for the same are no change."""
    found = False
    for what, before, after in (
        ("requests", old.before, new.before),
        ("answers", old.after, new.after),
        ("tokens", old.claims, new.claims),
    ):
        was, now = (frozenset(form_of(text, "", {}) for text in texts) for texts in (before, after))
        less = [text for text in before if form_of(text, "", {}) not in now]
        more = [text for text in after if form_of(text, "", {}) not in was]
        on = _on("where it does not hold")
        if less and more:
            yield reworded(f"of {what} is asked {listed(more)} instead of {listed(less)}", on)
        elif less:
            yield weaker(f"of {what} is not asked any more: {listed(less)}", on)
        elif more:
            yield stronger(f"of {what} is asked, too: {listed(more)}", on)
        found = found or bool(less or more)
    if not found and old != new:
        on = _on("where one does not hold")
        yield Change(Kind.STATUS, "expressions stand in another order, which error texts tell", False, on)


def compare_schemas(old: BodySchema, new: BodySchema) -> Iterator[Change]:
    """Whether one schema takes more than another is not decided."""
    text = "request bodies are checked by another schema"
    telling = telling_body(old, new)
    if telling is None:
        yield reworded(text, _on("with a body of which the schemas think otherwise"))
    else:
        yield changed(text, lambda example: _with_body(example, telling))


def _with_body(example: Example, body: str) -> Example:
    return replace(with_field(example, "Content-Type", "application/json"), body=body)


def compare_policies(old: SecurityPolicy, new: SecurityPolicy) -> Iterator[Change]:
    """`security/http`."""
    old, new = seen_policy(old), seen_policy(new)
    if (old.hosts, old.pattern) != (new.hosts, new.pattern):
        yield _compare_hosts(old, new)
    seen = [
        one.name
        for one in fields(SecurityPolicy)
        if one.name not in ("hosts", "pattern") and getattr(old, one.name) != getattr(new, one.name)
    ]
    if set(seen) & {"host_fields", "redirects", "redirect_host", "https_fields"}:
        yield changed("other requests are sent to https, or are taken for ones of https already", _on("over http"))
    if set(seen) & {"sts", "forces_sts", "fields"}:
        less = [name for name, _ in _security_fields(old) if name not in dict(_security_fields(new))]
        more = [name for name, _ in _security_fields(new) if name not in dict(_security_fields(old))]
        text = "answers have other security fields"
        text += f"; gone: {listed(less)}" if less else ""
        text += f"; new: {listed(more)}" if more else ""
        told = (changed if less or not more else stronger)(text)
        https = next(iter(new.https_fields or old.https_fields), None)
        if set(seen) == {"sts"} and not new.forces_sts and https is not None:
            told = replace(told, adapt=lambda example: with_field(example, https[0].title(), https[1]))
        yield told


def _security_fields(policy: SecurityPolicy) -> list[tuple[str, str]]:
    return [*policy.fields, *([("strict-transport-security", policy.sts)] if policy.sts else [])]


def _compare_hosts(old: SecurityPolicy, new: SecurityPolicy) -> Change:
    if not old.pattern and not new.pattern:
        more = None if new.hosts is None else sorted(new.hosts - (old.hosts if old.hosts is not None else new.hosts))
        less = None if old.hosts is None else sorted(old.hosts - (new.hosts if new.hosts is not None else old.hosts))
        if new.hosts is None or (more and not less and old.hosts is not None):
            said = "any host" if new.hosts is None else listed(more or [])
            name = "other.example" if new.hosts is None else (more or [""])[0]
            return weaker(f"requests for {said} are answered", lambda example: with_field(example, "Host", name))
        if old.hosts is None or (less and not more):
            said = f"only requests for {listed(sorted(new.hosts))} are answered"
            name = "other.example" if old.hosts is None else (less or [""])[0]
            return stronger(said, lambda example: with_field(example, "Host", name))
    return changed("requests for other hosts are answered", _on("with such a Host"))


def compare_place_plugins(old: PlacePlugins, new: PlacePlugins) -> Iterator[Change]:
    """Plugins of an endpoint or backend."""
    yield from _compare_named([*old.modifiers, old.client], [*new.modifiers, new.client])


def compare_service_plugins(old: ServicePlugins, new: ServicePlugins) -> Iterator[Change]:
    """Plugins before the router."""
    yield from _compare_named(old.server, new.server)
    if old.timeout_seconds != new.timeout_seconds and new.server and old.server:
        yield Change(Kind.TIMEOUT, "plugins before the router have another time", False, shown_by="operation")


def _compare_named(old: Sequence[Named | None], new: Sequence[Named | None]) -> Iterator[Change]:
    before = {one.name: one for one in old if one is not None}
    after = {one.name: one for one in new if one is not None}
    found = False
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if now is None:
            yield Change(Kind.GUARD_GONE, f"the plugin {name} is gone", True)
        elif was is None:
            yield stronger(f"there is the plugin {name} now")
        elif name == "ip-filter" and was.origin == now.origin == "own" and was.place != "backend":
            yield from _compare_networks(_told(was), _told(now))
        elif (was.target, was.block, was.folder) != (now.target, now.block, now.folder):
            yield reworded(f"the plugin {name} is told other things, or is another")
        else:
            continue
        found = True
    if not found and list(before) != list(after):
        yield changed("plugins stand in another order")


def _told(named: Named) -> dict[str, Any]:
    told = json.loads(named.block).get(named.name)
    return told if isinstance(told, dict) else {}


def _trusted(told: dict[str, Any], key: str) -> object:
    value = told.get(key)
    return networks_of({"CIDR": value}) if key == "trusted_proxies" and isinstance(value, list) else value


def _compare_networks(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    if bool(old.get("allow")) != bool(new.get("allow")):
        yield changed("addresses are let in that were kept out, and the reverse", _on("from such an address"))
        return
    before, after = networks_of(old), networks_of(new)
    more, less = beyond(after, before), beyond(before, after)
    lets_in, keeps_out = (more, less) if new.get("allow") else (less, more)
    if lets_in:
        yield weaker(f"addresses get in that did not: {listed(lets_in)}", _on(f"from an address of {lets_in[0]}"))
    if keeps_out:
        yield stronger(
            f"addresses do not get in any more: {listed(keeps_out)}", _on(f"from an address of {keeps_out[0]}")
        )
    others = {key for key in ("client_ip_headers", "trusted_proxies") if _trusted(old, key) != _trusted(new, key)}
    if others:
        yield changed(f"a client's address is found otherwise: {listed(sorted(others))}")
