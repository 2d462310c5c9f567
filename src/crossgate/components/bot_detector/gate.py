"""The decision about one User-Agent. Does not know where its rules come from."""

from crossgate.components.bot_detector.config import BotRules
from crossgate.components.bot_detector.reasons import BOT
from crossgate.golang.regex import compile_search
from crossgate.http.gate import GateView
from crossgate.http.message import Response, refusal

_MEMO_SIZE = 1024


class BotGate:
    """403 without a body for bots. Decisions by pattern are remembered, a bounded number of them."""

    reads = frozenset((b"user-agent",))
    params: tuple[str, ...] = ()

    def __init__(self, rules: BotRules) -> None:
        self._rules = rules
        self._searches = [compile_search(pattern) for pattern in rules.patterns]
        self._known: dict[bytes, bool] = {}

    def __call__(self, view: GateView) -> Response | None:
        """Refuse bots."""
        agent = view.first(b"user-agent")
        known = self._known.get(agent or b"")
        if known is None:
            known = self._remember(agent or b"")
        return refusal(403, BOT) if known else None

    def _remember(self, agent: bytes) -> bool:
        is_bot = self.is_bot(agent)
        if len(agent) <= 512:
            if len(self._known) >= _MEMO_SIZE:
                self._known.clear()
            self._known[agent] = is_bot
        return is_bot

    def is_bot(self, agent: bytes) -> bool:
        """Whether that agent is refused; empty: none is named."""
        rules = self._rules
        if not agent:
            return rules.refuses_empty
        if agent in rules.allow:
            return False
        return agent in rules.deny or any(search(agent) for search in self._searches)
