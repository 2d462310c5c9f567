"""The search for a request that shows one difference.

Knows what is to be tried, and in which order; does not know what follows from finding none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from crossgate.compare.confirm.aspects import Aspect, aspect_of, is_by_itself, let_in, told_apart
from crossgate.compare.confirm.attempts import Attempts
from crossgate.compare.confirm.purse import Credential, in_query
from crossgate.compare.confirm.repeats import differ_when_repeated
from crossgate.compare.confirm.stands import Seen, TwoStands
from crossgate.compare.difference import Difference, Example, Fields
from crossgate.compare.requested import on_condition

_MOST_ATTEMPTS = 160  # for one difference
_MOST_ATTEMPTS_FOR_BETTER = 60  # than a request that shows it together with something else
_MOST_WAYS_IN = 3
_MOST_BASES = 60


class Search:
    """For a request that shows one difference."""

    def __init__(
        self, difference: Difference, stands: TwoStands, attempts: Attempts, credentials: Sequence[Credential]
    ) -> None:
        self._difference = difference
        self._stands = stands
        self._attempts = attempts
        self._credentials = credentials
        self._aspect: Aspect = aspect_of(difference)
        self._left = _MOST_ATTEMPTS
        self._second_best: tuple[Example, Credential] | None = None
        self.reached: set[str] = set()

    def lets_in(self) -> bool:
        """Whether both let the same request in."""
        example = self._difference.example
        assert example is not None  # noqa: S101 # see can_try
        sent = (_with(base, self._credentials[0]) for base in islice(self._attempts.ways_in(example), _MOST_BASES))
        return any(all(map(let_in, self._stands.ask(one))) for one in sent)

    def shown(self) -> Example | None:
        """The request, credentials as placeholders; None where none of those tried shows it."""
        found = self._found() or self._second_best
        return None if found is None else _told(*found)

    def _found(self) -> tuple[Example, Credential] | None:
        example = self._difference.example
        assert example is not None  # noqa: S101 # see can_try
        entering: list[tuple[Example, Credential]] = []
        bases = list(islice(self._attempts.ways_in(example), _MOST_BASES))
        first, *rest = self._credentials
        # Who has everything tries every way in; with less, those that led in are enough.
        for base, credential in self._first_tries(bases, first, rest, entering):
            gets_in = self._try(base, credential)
            if gets_in is None:
                return base, credential
            if gets_in:
                entering.append((base, credential))
            if self._left <= 0:
                break
        self._left = max(self._left, _MOST_ATTEMPTS) if self._second_best is None else self._left
        for base, credential in entering[:_MOST_WAYS_IN] or [(bases[0], first)]:
            for other in self._attempts.others(base):
                if self._try(other, credential) is None:
                    return other, credential
                if self._left <= 0:
                    return None
        return None

    @staticmethod
    def _first_tries(
        bases: Sequence[Example],
        first: Credential,
        rest: Sequence[Credential],
        entering: Sequence[tuple[Example, Credential]],
    ) -> Iterator[tuple[Example, Credential]]:
        for base in bases:
            yield base, first
        led_in = [base for base, _ in entering] or bases
        for base in led_in[:_MOST_WAYS_IN]:
            for credential in rest:
                yield base, credential

    def _try(self, example: Example, credential: Credential) -> bool | None:
        """None where the two are told apart; else whether the request gets past the guards of either."""
        self._left -= 1
        sent = _with(example, credential)
        if self._difference.shown_by == "repeats":
            old, new = self._stands.ask(_first(sent))
            self._note(old, new)
            self._left -= 10
            return None if differ_when_repeated(self._stands, sent, self._aspect) else let_in(old) or let_in(new)
        old, new = self._stands.ask(sent)
        self._note(old, new)
        if told_apart(self._aspect, old, new):
            again = self._stands.ask(sent)
            if (self._aspect(again[0]), self._aspect(again[1])) == (self._aspect(old), self._aspect(new)):
                if is_by_itself(self._difference, old, new):
                    return None
                if self._second_best is None:
                    self._second_best = (example, credential)
                    self._left = min(self._left, _MOST_ATTEMPTS_FOR_BETTER)
        return let_in(old) or let_in(new)

    def _note(self, *seen: Seen) -> None:
        for one in seen:
            self.reached |= {*one.passed, one.refused_by}


def _first(example: Example) -> Example:
    return replace(
        example,
        target=example.target.replace("{n}", "1"),
        client_host=example.client_host.replace("{n}", "1"),
        fields=tuple((name, value.replace("{n}", "1")) for name, value in example.fields),
    )


def _with(example: Example, credential: Credential) -> Example:
    """The request as it is sent: credentials in the place of the words for them."""
    plain = _without_placeholders(example.fields)
    return replace(example, fields=(*plain, *credential.fields), target=in_query(example.target, credential.query))


def _told(example: Example, credential: Credential) -> Example:
    """The request as it is told: a credential that is another than what passes everywhere is said in words."""
    words = credential.words
    if not words or words in example.condition:
        return _naming(example, credential)
    if words == "without a credential":
        bare = replace(example, fields=_without_placeholders(example.fields))
        return replace(bare, condition="")
    return on_condition(replace(_naming(example, credential), condition=""), f"with {words}")


def _naming(example: Example, credential: Credential) -> Example:
    """With words for the credential where the example has none: one file alone may ask for it."""
    there = {name.lower() for name, _ in example.fields}
    for name, value in credential.fields:
        if name.lower() not in there:
            what = _kind_of(value)
            shown = f"{value.partition('=')[0]}=({what})" if name == "Cookie" else f"({what})"
            example = replace(example, fields=(*example.fields, (name, shown)))
            if not credential.words:
                example = on_condition(example, f"with {what} that is accepted")
    for name, _ in credential.query:
        if f"{name}=" not in example.target:
            example = replace(example, target=in_query(example.target, [(name, "an-API-key")]))
            if not credential.words:
                example = on_condition(example, "with an API key that is accepted")
    return example


def _kind_of(value: str) -> str:
    if value.startswith("Basic "):
        return "a name and password"
    return "a token" if ".ey" in value else "an API key"


def _without_placeholders(fields: Fields) -> Fields:
    return tuple(field for field in fields if not field[1].partition("=")[2].startswith("(a") and field[1][:2] != "(a")
