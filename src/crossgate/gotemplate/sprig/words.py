"""camelcase, snakecase and kebabcase: words found by their letters' case.

Source: huandu/xstrings 1.4.0 `convert.go`.
"""

import unicodedata
from collections.abc import Callable

from crossgate.gotemplate.sprig.letters import SPACES, lower_letter, upper_letter

_NONE, _NUMBER, _UPPER, _ALPHABET, _CONNECTOR, _PUNCTUATION, _OTHER = range(7)
_CJK = (("\u3400", "\u4d85"), ("\u4e00", "\u9fcc"), ("\U00020000", "\U0002b81d"))


def camelcase(text: str) -> str:
    """`first_name` → `FirstName`; connectors at the beginning and the end stay."""
    if not text:
        return ""
    out: list[str] = []
    index = 0
    last = text[0]
    while index < len(text):
        last = text[index]
        index += 1
        if not _is_connector(last):
            last = upper_letter(last)
            break
        out.append(last)
    if index == len(text):
        return "".join([*out, last])
    for letter in text[index:]:
        before, last = last, letter
        if _is_connector(before) and _is_connector(last):
            out.append(before)
        elif _is_connector(before):
            last = upper_letter(last)
        else:
            out.append(before)
    return "".join([*out, last])


def snakecase(text: str) -> str:
    """`FirstName` → `first_name`."""
    return _separated(text, "_")


def kebabcase(text: str) -> str:
    """`FirstName` → `first-name`."""
    return _separated(text, "-")


def _separated(text: str, connector: str) -> str:
    if not text:
        return ""
    out: list[str] = []
    joins = (_CONNECTOR, _PUNCTUATION)
    kind, word, rest = _next_word(text)
    while rest:
        if kind != _CONNECTOR:
            out.append(_lowered(kind, word, connector))
        before, last = kind, word
        kind, word, rest = _next_word(rest)
        if before == _NUMBER:
            kind, word, rest = _take_words(out, kind, word, rest, connector)
            if kind != _NONE and kind not in joins:
                out.append(connector)
        elif before == _CONNECTOR:
            out.append(_lowered(before, last, connector))
        elif before != _PUNCTUATION:
            if kind != _NUMBER:
                if kind not in joins:
                    out.append(connector)
                continue
            if not rest:
                continue
            number = word
            kind, word, rest = _next_word(rest)
            if kind != _ALPHABET:
                # The number belongs to the word before it.
                out.append(_lowered(_NUMBER, number, connector))
                if kind not in joins:
                    out.append(connector)
                continue
            # Small letters follow the number, which then begins a word.
            out += [connector, _lowered(_NUMBER, number, connector)]
            kind, word, rest = _take_words(out, kind, word, rest, connector)
            if kind != _NONE and kind not in joins:
                out.append(connector)
    out.append(_lowered(kind, word, connector))
    return "".join(out)


def _take_words(out: list[str], kind: int, word: str, rest: str, connector: str) -> tuple[int, str, str]:
    while kind in (_ALPHABET, _NUMBER):
        out.append(_lowered(kind, word, connector))
        kind, word, rest = _next_word(rest)
    return kind, word, rest


def _lowered(kind: int, word: str, connector: str) -> str:
    if kind not in (_UPPER, _CONNECTOR):
        return word
    return "".join([connector if _is_connector(c) else lower_letter(c) if c.isupper() else c for c in word])


def _next_word(text: str) -> tuple[int, str, str]:
    if not text:
        return _NONE, "", ""
    first = text[0]
    if "\ud800" <= first <= "\udfff":
        return _NONE, first, text[1:]
    if _is_connector(first):
        kind, end = _CONNECTOR, _run(text, _is_connector)
    elif _is_punctuation(first):
        kind, end = _PUNCTUATION, _run(text, _is_punctuation)
    elif first.isupper() and first.isalpha():
        kind, end = _UPPER, _upper_run(text)
    elif _is_alphabet(first):
        kind, end = _ALPHABET, _run(text, _is_small)
    elif _is_number(first):
        kind, end = _NUMBER, _run(text, _is_number)
    else:
        kind, end = _OTHER, _run(text, _is_other)
    return kind, text[:end], text[end:]


def _upper_run(text: str) -> int:
    """Capitals, the last of which begins the next word if small letters follow it: `HTTPServer`."""
    end = 1
    if end < len(text) and text[end].isupper():
        while end < len(text) and text[end].isupper():
            end += 1
        if end < len(text) and _is_alphabet(text[end]):
            end -= 1
        return end
    while end < len(text) and _is_small(text[end]):
        end += 1
    return end


def _run(text: str, belongs: Callable[[str], bool]) -> int:
    end = 1
    while end < len(text) and belongs(text[end]):
        end += 1
    return end


def _is_connector(letter: str) -> bool:
    return letter in "-_" or letter in SPACES


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")


def _is_number(letter: str) -> bool:
    return unicodedata.category(letter).startswith("N")


def _is_alphabet(letter: str) -> bool:
    return letter.isalpha() and not any(low <= letter <= high for low, high in _CJK)


def _is_small(letter: str) -> bool:
    return _is_alphabet(letter) and not letter.isupper()


def _is_other(letter: str) -> bool:
    return not (_is_connector(letter) or _is_alphabet(letter) or _is_number(letter) or _is_punctuation(letter))
