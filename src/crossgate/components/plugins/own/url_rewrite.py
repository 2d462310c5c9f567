"""`url-rewrite`: other paths for endpoints, literal ones first, then regular expressions in order.

Source: the public documentation of KrakenD Enterprise 2.3.
"""

from collections.abc import Callable
from urllib.parse import quote, unquote

from crossgate.components.plugins.own.reading import check_names, read_object
from crossgate.golang.regex import PatternError, compile_replacement
from crossgate.plugins import Request, Setup

_SAFE = "/!$&'()*+,;=:@~"


class UrlRewrite:
    """Looks at decoded paths, as Go does."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError."""
        config = setup.config
        check_names(config, ("literal", "regexp"))
        literal = read_object(config, "literal")
        if not all(isinstance(path, str) and path.startswith("/") for path in literal.values()):
            raise ValueError('each value of "literal" must be a path')
        self._literal = {path: _encoded(target) for path, target in literal.items()}
        pairs = config.get("regexp", [])
        if not isinstance(pairs, list) or (not literal and not pairs):
            raise ValueError('"literal" or "regexp" must say what to rewrite')
        self._replacements: list[Callable[[str], str | None]] = [_replacement(pair) for pair in pairs]

    def rewrite(self, request: Request) -> str | None:
        """The endpoint's path."""
        path = unquote(request.path, errors="surrogateescape")
        found = self._literal.get(path)
        if found is not None:
            return found
        for replace in self._replacements:
            replaced = replace(path)
            if replaced is not None:
                return _encoded(replaced)
        return None


def _encoded(path: str) -> str:
    return quote(path if path.startswith("/") else "/" + path, safe=_SAFE, errors="surrogateescape")


def _replacement(pair: object) -> Callable[[str], str | None]:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
        raise ValueError('each item of "regexp" must be a list of a pattern and a path')
    try:
        return compile_replacement(pair[0], pair[1])
    except PatternError as error:
        raise ValueError(f'"{pair[0]}" is not a regular expression: {error}') from None
