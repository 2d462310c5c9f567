"""The bot detector: agents by their User-Agent, allowed, denied or found by pattern."""

from crossgate.components.bot_detector.component import BotDetector

__all__ = ["BotDetector"]
