"""Why a client is not answered."""

from crossgate.http.reason import Reason

BOT = Reason(
    "bot.detected",
    "the User-Agent belongs to a bot",
    "Remove it from `deny` (`denylist` in version 2 files) and `patterns`, or add it to `allow`. Without "
    "a User-Agent, see `empty_user_agent_is_bot`.",
)

REASONS = (BOT,)
