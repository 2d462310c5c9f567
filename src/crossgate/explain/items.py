"""Which item of a list refused a request: a pattern, an agent, an expression. Knows requests and what was answered."""

import re
from collections.abc import Mapping
from typing import Any

from crossgate.config.document import Namespace
from crossgate.diagnostics.path import child
from crossgate.explain.asked import AskedRequest
from crossgate.golang.regex import PatternError, compile_search
from crossgate.testing.answered import Answered

_EVALUATOR = re.compile(r"evaluator #(\d{1,9})")
_DENY = ("deny", "denylist", "blacklist")


def item_of(code: str, space: Namespace | None, asked: AskedRequest, answered: Answered) -> str:
    """The path of the item; empty where it is not known."""
    if space is None:
        return ""
    match code:
        case "bot.detected":
            return _agent(space.value, space.path, (asked.values("user-agent") or [""])[0])
        case "cel.request" | "cel.response":
            if asked.logged is not None:  # which of them the gateway meant is in its log of errors alone
                return child(space.path, 0) if isinstance(space.value, list) and len(space.value) == 1 else ""
            said = "\n".join((*answered.log, answered.body.decode("utf-8", "replace")))
            numbers = {int(found) for found in _EVALUATOR.findall(said)}
            return _expression(space.value, space.path, numbers.pop() if len(numbers) == 1 else 0)
    return ""


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


def _expression(value: Any, path: str, position: int) -> str:
    """Those of the request are counted without the others, so that only a list of one kind is sure."""
    if not isinstance(value, list) or position >= len(value):
        return ""
    of_requests = [index for index, item in enumerate(value) if "req_" in str(item)]
    if len(of_requests) == len(value) or len(value) == 1:
        return child(path, position)
    return child(path, of_requests[position]) if position < len(of_requests) else ""
