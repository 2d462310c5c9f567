"""The rules about bots as a file has them.

Source: krakend-botdetector v2 `krakend/krakend.go` and `botdetector.go`.
"""

from dataclasses import dataclass
from typing import Any

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.golang.regex import PatternError, compile_search

NAME = "security/bot-detector"
KEYS = KeyTable(
    "the bot detector",
    Manner.JSON,
    (
        Key("allow", Kind.TEXTS, "User-Agents that are let through, exactly.", old="allowlist", also_old=True),
        Key("deny", Kind.TEXTS, "User-Agents that are refused, exactly.", old="denylist", also_old=True),
        Key("whitelist", Kind.TEXTS, "The oldest name of `allow`; ignored in version 3 files."),
        Key("blacklist", Kind.TEXTS, "The oldest name of `deny`."),
        Key("patterns", Kind.TEXTS, "Regular expressions; a User-Agent in which one is found is refused."),
        Key("cache_size", Kind.INTEGER, "How many decisions are remembered.", 0, old="cacheSize"),
        Key("empty_user_agent_is_bot", Kind.BOOLEAN, "Refuse requests without a User-Agent.", False),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Refuses requests by their User-Agent.", {"service": KEYS, "endpoint": KEYS})
_FAILS_OPEN = "switches the whole detector off, with a line in its log"


@dataclass(frozen=True, slots=True)
class BotRules:
    """Whom to refuse. Agents are compared exactly; an empty agent is judged by `refuses_empty` alone."""

    allow: frozenset[bytes] = frozenset()
    deny: frozenset[bytes] = frozenset()
    patterns: tuple[str, ...] = ()
    refuses_empty: bool = False
    remembered: int = 0


def decode_rules(section: Section) -> BotRules | None:
    """The rules of an object; None where it has none.

    DEVIATION(DEV-BOT-1): KrakenD switches it off where a value has a wrong type or a pattern does not compile.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, "the bot detector must be an object", krakend=_FAILS_OPEN)
        return None
    fields = section.guard_fields(NAME, KEYS, krakend=_FAILS_OPEN)
    patterns = fields.texts("patterns")
    for position, pattern in enumerate(patterns):
        try:
            compile_search(pattern)
        except PatternError as error:
            path = child(fields.at("patterns"), position)
            hint = "patterns are RE2's: without look-around and back-references"
            section.close(NAME, path, f"this is not a regular expression: {error}", hint=hint, krakend=_FAILS_OPEN)
    cache_size = fields.integer("cache_size")
    if cache_size < 0:
        section.close(NAME, fields.at("cache_size"), '"cache_size" must not be negative', krakend=_FAILS_OPEN)
    rules = BotRules(
        _agents(fields.texts("allow"), fields.texts("whitelist") if section.version == 2 else ()),
        _agents(fields.texts("deny"), fields.texts("blacklist")),
        patterns,
        fields.boolean("empty_user_agent_is_bot"),
        max(0, cache_size),
    )
    return None if section.closed else rules


def _agents(*lists: Any) -> frozenset[bytes]:
    return frozenset(agent.encode() for agents in lists for agent in agents)
