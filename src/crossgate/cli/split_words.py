"""A command line split into words at its spaces, up to where the first command ends. Knows no shell's quotes."""

from collections.abc import Callable, Container

SPACES = " \t\r"


def split_words(text: str, ends: Container[str], piece: Callable[[str, int], tuple[str, int]]) -> tuple[list[str], int]:
    """The words, and where it stopped: at one of `ends` outside of quotes, or a comment.

    `piece` gives a quoted or escaped part of a word, or one character, and where it ends.
    """
    words: list[str] = []
    word: str | None = None
    at = 0
    while at < len(text):
        character = text[at]
        if character in SPACES:
            if word is not None:
                words.append(word)
            word = None
            at += 1
            continue
        if character in ends or (character == "#" and word is None):
            break
        part, at = piece(text, at)
        word = (word or "") + part
    return (words if word is None else [*words, word]), at
