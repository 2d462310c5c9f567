"""Keys and passwords: who gets in. Nothing is shown of them but how many, names and roles.

Follows `components/api_keys`, `components/basic_auth`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crossgate.compare.difference import Example, Kind
from crossgate.compare.guards.change import Adapt, Change, changed, compare_any_of, stronger, weaker
from crossgate.compare.guards.limits import compare_buckets
from crossgate.compare.words import listed
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.basic_auth.config import Users


def _with(words: str) -> Adapt:
    def adapt(example: Example) -> Example:
        return replace(example, condition=f"with {words}")

    return adapt


def compare_demands(old: KeyDemand, new: KeyDemand) -> Iterator[Change]:
    """What an endpoint asks of keys."""
    if (old.strategy, old.identifier.lower()) != (new.strategy, new.identifier.lower()):
        yield changed(f"keys are read from {_where(new)} instead of {_where(old)}")

    def having(names: Sequence[str]) -> Adapt:
        return _with(f"a key that has the role {listed(names)} alone" if names else "a key that has no role")

    yield from compare_any_of("role", old.roles, new.roles, having)
    yield from compare_buckets("requests of one key", old.limit, new.limit)


def _where(demand: KeyDemand) -> str:
    return f"the {'field' if demand.strategy == 'header' else 'query parameter'} {demand.identifier}"


def compare_rings(old: KeyRing, new: KeyRing) -> Iterator[Change]:
    """The keys of a service."""
    if (old.algorithm, old.salt) != (new.algorithm, new.salt):
        yield changed("keys are hashed in another way, so that others may count")
    else:
        more, less = new.roles.keys() - old.roles.keys(), old.roles.keys() - new.roles.keys()
        if more:
            yield weaker(f"{_keys(len(more))} more", _with("a new key"))
        if less:
            yield stronger(f"{_keys(len(less))} less", _with("a key that is no longer there"))
        both = old.roles.keys() & new.roles.keys()
        gained = [key for key in both if set(new.roles[key]) - set(old.roles[key])]
        lost = [key for key in both if set(old.roles[key]) - set(new.roles[key])]
        if gained:
            names = sorted({role for key in gained for role in new.roles[key] if role not in old.roles[key]})
            yield weaker(f"{_keys(len(gained))} with a role more: {listed(names)}", _with("such a key"))
        if lost:
            names = sorted({role for key in lost for role in old.roles[key] if role not in new.roles[key]})
            yield stronger(f"{_keys(len(lost))} with a role less: {listed(names)}", _with("such a key"))
        reordered = [key for key in both if key not in gained and key not in lost and old.roles[key] != new.roles[key]]
        if reordered and new.role_field and old.role_field:
            text = f"of {_keys(len(reordered))} backends may be told another role"
            yield Change(Kind.FIELDS, text, False, _with("such a key"))
    if old.role_field != new.role_field:
        names = [ring.role_field or "(nothing)" for ring in (new, old)]
        text = f"backends are told the key's role as {names[0]} instead of {names[1]}"
        yield Change(Kind.FIELDS, text, bool(old.role_field))


def _keys(count: int) -> str:
    return f"{count} key{'' if count == 1 else 's'}"


def compare_users(old: Sequence[Users], new: Sequence[Users]) -> Iterator[Change]:
    """Of one endpoint: each of these has to be satisfied."""
    if len(old) != len(new):
        word = weaker if len(new) < len(old) else stronger
        yield word(f"a password is asked for {len(new)} times instead of {len(old)}")
        return
    for before, after in zip(old, new, strict=True):
        yield from _compare_hashes(before.hashes, after.hashes)


def _compare_hashes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Change]:
    more, less = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    if more:
        yield weaker(f"users get in that did not: {listed(more)}", _with(f"the password of {more[0]}"))
    if less:
        yield stronger(f"users do not get in any more: {listed(less)}", _with(f"the password of {less[0]}"))
    others = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
    if others:
        yield changed(f"another hash of the password of {listed(others)}", _with(f"a password of {others[0]}"))
