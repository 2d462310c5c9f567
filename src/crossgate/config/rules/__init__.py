"""The rules across fields, in the order they run."""

from crossgate.config.document import Rule

GATEWAY_RULES: tuple[Rule, ...] = ()
