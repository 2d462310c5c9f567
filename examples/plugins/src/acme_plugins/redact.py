"""Some fields of an answer are for nobody outside."""

from typing import Any

from crossgate.plugins import Answer, Setup


class Redact:
    def __init__(self, setup: Setup) -> None:
        self.fields = frozenset(setup.config["fields"])

    def modify_response(self, answer: Answer) -> None:
        answer.data = self.without(answer.data)
        answer.headers["X-Redacted"] = "true"

    def without(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.without(item) for name, item in value.items() if name not in self.fields}
        if isinstance(value, list):
            return [self.without(item) for item in value]
        return value
