"""Which item of a list refused a request: a pattern, an agent, an expression. Knows requests and what was answered."""

import re
from collections.abc import Mapping
from typing import Any

from crossgate.config.document import EndpointNode, Namespace
from crossgate.diagnostics.path import child
from crossgate.explain.asked import AskedRequest
from crossgate.golang.regex import PatternError, compile_search
from crossgate.testing.answered import Answered

_EVALUATOR = re.compile(r"evaluator #(\d{1,9})")
_DENY = ("deny", "denylist", "blacklist")


def item_of(
    code: str, space: Namespace | None, node: EndpointNode | None, asked: AskedRequest, answered: Answered
) -> str:
    """The path of the item; empty where it is not known. `space` is the namespace of what refused."""
    if code == "token.refused":
        return _about_claims(None if node is None else node.namespaces.get("validation/cel"))
    if space is None:
        return ""
    match code:
        case "bot.detected":
            return _agent(space.value, space.path, (asked.values("user-agent") or [""])[0])
        case "cel.request" | "cel.response":
            word = "req" if code == "cel.request" else "resp"
            if asked.logged is not None:  # which of them the gateway meant is in its log of errors alone
                return (
                    ""
                    if _expression(space.value, space.path, word, 1)
                    else _expression(space.value, space.path, word, 0)
                )
            return _expression(space.value, space.path, word, expression_number(answered) or 0)
    return ""


def expression_number(answered: Answered) -> int | None:
    """Which of the expressions of a stage refused, as the gateway says it itself; None where it does not."""
    said = "\n".join((*answered.log, answered.body.decode("utf-8", "replace")))
    numbers = {int(found) for found in _EVALUATOR.findall(said)}
    return numbers.pop() if len(numbers) == 1 else None


def _agent(value: Any, path: str, agent: str) -> str:
    if not isinstance(value, Mapping):
        return ""
    if not agent:
        return child(path, "empty_user_agent_is_bot") if "empty_user_agent_is_bot" in value else ""
    for key in _DENY:
        listed = value.get(key)
        if isinstance(listed, list) and agent in listed:
            return child(child(path, key), listed.index(agent))
    patterns = value.get("patterns")
    for position, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        try:
            if isinstance(pattern, str) and compile_search(pattern)(agent.encode("utf-8", "surrogateescape")):
                return child(child(path, "patterns"), position)
        except PatternError:
            continue
    return ""


def _expression(value: Any, path: str, word: str, position: int) -> str:
    """One of those that are asked at a stage, which is told by a word in them; they are counted without the others."""
    listed = value if isinstance(value, list) else []
    texts = [item.get("check_expr") if isinstance(item, Mapping) else None for item in listed]
    asked = [index for index, text in enumerate(texts) if isinstance(text, str) and word in text]
    return child(path, asked[position]) if position < len(asked) else ""


def _about_claims(space: Namespace | None) -> str:
    """The expression about claims, where there is one alone: which of several it was is in no log."""
    if space is None:
        return ""
    several = _expression(space.value, space.path, "JWT", 1)
    return space.path if several else _expression(space.value, space.path, "JWT", 0)
