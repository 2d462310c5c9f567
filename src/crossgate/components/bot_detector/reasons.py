"""Why a client is not answered."""

from crossgate.http.reason import Reason

BOT = Reason(
    "bot.detected", "the User-Agent is one of a bot", "Take it from `denylist` and `patterns`, or put it into `allow`."
)

REASONS = (BOT,)
