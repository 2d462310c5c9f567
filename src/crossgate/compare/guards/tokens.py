"""Validators of tokens: whose are believed, and what they have to say. Follows `components/jwt`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crossgate.compare.difference import Example, Kind
from crossgate.compare.guards.change import (
    Adapt,
    Change,
    changed,
    compare_all_of,
    compare_any_of,
    stronger,
    weaker,
)
from crossgate.compare.requested import with_field, without_field
from crossgate.compare.same import says_same
from crossgate.compare.words import listed
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, ServiceAuth, Validator
from crossgate.components.signer.config import SignerConfig


def compare_validators(old: Validator, new: Validator) -> Iterator[Change]:
    """Of one endpoint."""
    if len(old.issuers) == len(new.issuers) == 1:
        yield from _compare_issuers(old.issuers[0], new.issuers[0])
    else:
        yield from _compare_providers(old.issuers, new.issuers)
    yield from _compare_needs("role", old.roles, new.roles)
    yield from _compare_needs("scope", old.scopes, new.scopes)
    if (old.field, old.cookie) != (new.field, new.cookie):
        where = f"{new.field} or the cookie {new.cookie} instead of {old.field} or {old.cookie}"
        yield changed(f"tokens are read from the field {where}", _carried_by(old, new))
    if old.propagated != new.propagated or old.preserves_arrays != new.preserves_arrays:
        more = [one for one in new.propagated if one not in old.propagated]
        less = [one for one in old.propagated if one not in new.propagated]
        parts = [
            f"{verb} {listed([f'{one.claim} as {one.field}' for one in claims])}"
            for verb, claims in (("told are also", more), ("told are no longer", less))
            if claims
        ]
        said = "; ".join(parts) or "arrays are told in another form"
        yield Change(Kind.FIELDS, f"of the token's claims backends are told others: {said}", bool(more))


def compare_revocation(old: ServiceAuth | None, new: ServiceAuth | None) -> Iterator[Change]:
    """Of a service. Nobody but who revokes a token sees it."""
    if new is None:
        found = Change(Kind.GUARD_GONE, "tokens cannot be revoked any more", True)
    elif old is None:
        found = stronger("tokens can be revoked now")
    else:
        found = changed("other tokens are revoked, for another time, or by others")
    yield replace(found, shown_by="operation")


def compare_signers(old: SignerConfig, new: SignerConfig) -> Iterator[Change]:
    """What of answers is signed, and with what."""
    less, more = sorted(set(old.fields) - set(new.fields)), sorted(set(new.fields) - set(old.fields))
    names = {*old.fields, *new.fields}
    if old.refuses or new.refuses or not names:
        return

    def signed(example: Example) -> Example:
        return replace(example, backend_data={name: {"signed": "or not"} for name in names})

    parts = [f"{listed(more)} is signed now"] if more else []
    parts += [f"{listed(less)} is not signed any more"] if less else []
    yield Change(Kind.DATA, "; ".join(parts) or "answers are signed differently", bool(less), signed)


def _carried_by(old: Validator, new: Validator) -> Adapt:
    """A token where only one of the two looks for it."""

    def adapt(example: Example) -> Example:
        if old.field != new.field:
            return with_field(without_field(example, old.field), new.field, "(a token)")
        cookie = new.cookie or old.cookie
        return with_field(without_field(example, new.field), "Cookie", f"{cookie}=(a token)")

    return adapt


def _with_token(words: str) -> Adapt:
    def adapt(example: Example) -> Example:
        return replace(example, condition=f"with a token that {words}")

    return adapt


def _compare_issuers(old: Issuer, new: Issuer) -> Iterator[Change]:
    if bool(old.refuses) != bool(new.refuses):
        if old.refuses:
            yield weaker(f"tokens are believed: before, none was ({old.refuses})")
        else:
            yield stronger(f"no token is believed any more ({new.refuses})")
        return
    if old.algorithm != new.algorithm:
        yield changed(f"tokens have to be signed with {new.algorithm} instead of {old.algorithm}")
    if old.issuer != new.issuer:
        if not new.issuer:
            yield weaker(f"tokens of any issuer are believed, not only of {old.issuer}", _with_token("another issued"))
        elif not old.issuer:
            yield stronger(f"only tokens of {new.issuer} are believed", _with_token("another issued"))
        else:
            yield changed(f"tokens of {new.issuer} are believed instead of {old.issuer}")
    yield from compare_all_of(
        "audience",
        set(old.audience),
        set(new.audience),
        lambda names: _with_token(f"does not have the audience {listed(names)}"),
    )
    if not says_same((old.fixed, old.url), (new.fixed, new.url)):
        yield _changed_keys(old, new)
    if old.strategy != new.strategy:
        yield changed(f"keys are chosen by {new.strategy} instead of {old.strategy}")
    if old.leeway_seconds != new.leeway_seconds:
        text = f"tokens are believed {new.leeway_seconds:g}s instead of {old.leeway_seconds:g}s beyond their time"
        adapt = _with_token("expired in between")
        yield weaker(text, adapt) if new.leeway_seconds > old.leeway_seconds else stronger(text, adapt)


def _changed_keys(old: Issuer, new: Issuer) -> Change:
    before, after = old.url, new.url
    if before is not None and after is not None and before.url == after.url:
        if (before.ca_files, before.pins) != (after.ca_files, after.pins):
            return replace(changed("other certificates are trusted where keys are fetched"), shown_by="operation")
        return Change(Kind.TIMEOUT, "keys are kept for another time", False, shown_by="operation")
    return changed("tokens are checked with other keys", _with_token("the new keys have signed"))


def _compare_providers(old: Sequence[Issuer], new: Sequence[Issuer]) -> Iterator[Change]:
    before, after = {one.issuer: one for one in old}, {one.issuer: one for one in new}
    more = sorted(after.keys() - before.keys())
    less = sorted(before.keys() - after.keys())
    if more:
        yield weaker(f"tokens of {listed([name or 'any issuer' for name in more])} are believed, too")
    if less:
        yield stronger(f"tokens of {listed([name or 'any issuer' for name in less])} are not believed any more")
    for name in before.keys() & after.keys():
        for change in _compare_issuers(before[name], after[name]):
            yield replace(change, sentence=f"{name}: {change.sentence}")


def _claim(one: ClaimsNeeded, other: ClaimsNeeded) -> str:
    if one.key != other.key:
        return one.key
    return f"{one.key} as a path" if one.is_nested else f"of the name {one.key}"


def _compare_needs(what: str, old: ClaimsNeeded | None, new: ClaimsNeeded | None) -> Iterator[Change]:
    before, after = set(old.words) if old else set(), set(new.words) if new else set()
    if old is not None and new is not None and (old.key, old.is_nested) != (new.key, new.is_nested):
        yield changed(f"{what}s are read from the claim {_claim(new, old)} instead of {_claim(old, new)}")
        return

    def having(names: Sequence[str]) -> Adapt:
        return _with_token(f"has the {what} {listed(names)} alone" if names else f"has no {what}")

    wants_all = (
        old.wants_all if old and len(before) > 1 else False,
        new.wants_all if new and len(after) > 1 else False,
    )
    if wants_all == (True, True) or (any(wants_all) and not (before and after)):
        yield from compare_all_of(
            what, before, after, lambda names: _with_token(f"does not have the {what} {listed(names)}")
        )
    elif any(wants_all):
        if not after - before and wants_all[0]:
            yield weaker(
                f"one {what} of {listed(sorted(after))} is enough, where all were needed", having(sorted(after))
            )
        elif not before - after and wants_all[1]:
            yield stronger(f"every {what} of {listed(sorted(after))} is needed, where one was enough")
        else:
            yield changed(f"other {what}s are needed: {listed(sorted(after))} instead of {listed(sorted(before))}")
    else:
        yield from compare_any_of(what, before, after, having)
