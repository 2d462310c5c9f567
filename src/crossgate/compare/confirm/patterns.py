"""Texts for regular expressions. Knows the plain ones; who needs a match has to ask the expression itself."""

import re


def plain_text_of(pattern: str) -> str:
    """A text that a simple pattern is likely to match."""
    text = re.sub(r"\(\?[a-z:]*", "", pattern)
    text = re.sub(r"\\[AzbB]|[\^$]", "", text)
    text = re.sub(r"\[([^\]\\^])[^\]]*\]", r"\1", text)
    text = text.replace(r"\d", "1").replace(r"\w", "w").replace(r"\s", " ").replace(r"\S", "s")
    text = re.sub(r"(?<!\\)\.", "x", text).replace("\\", "")
    text = re.sub(r"\{(\d+)[^}]*\}|[*+?]", "", text)
    return text.partition("|")[0].strip("()")
