"""A backend's `url_pattern` as constant pieces and placeholders. Does not know values or hosts."""

import re
from dataclasses import dataclass

# What lura takes for a placeholder of a url_pattern (config.go, simpleURLKeysPattern).
_PLACEHOLDER = re.compile(r"\{([\w\-.:/]+)\}")


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """`pieces` alternate: constant text, name, constant text, name, … constant text.

    Names have their first letter in upper case, as KrakenD keeps parameters internally.
    """

    pieces: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders, in order, with repetitions."""
        return self.pieces[1::2]

    @property
    def path_names(self) -> tuple[str, ...]:
        """The placeholders that stand in the path, likewise."""
        names = []
        for text, name in zip(self.pieces[::2], self.pieces[1::2], strict=False):
            if "?" in text or "#" in text:
                break
            names.append(name)
        return tuple(names)

    @property
    def internal_pattern(self) -> str:
        """The pattern as KrakenD shows it in errors: `/users/{{.Id}}`."""
        return "".join(f"{{{{.{piece}}}}}" if index % 2 else piece for index, piece in enumerate(self.pieces))


def internal_name(name: str) -> str:
    """A parameter's name as KrakenD keeps it: `id` becomes `Id`."""
    return name[:1].upper() + name[1:]


def parse_url_template(url_pattern: str) -> UrlTemplate:
    """The pieces of a url_pattern; braces that are no placeholder stay text."""
    parts = _PLACEHOLDER.split(url_pattern)
    return UrlTemplate(tuple(internal_name(part) if index % 2 else part for index, part in enumerate(parts)))
