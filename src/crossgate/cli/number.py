"""Numbers on the command line, within bounds. Knows how argparse is told what is wrong, not what numbers are for."""

import argparse
from collections.abc import Callable


def number_between(least: int, most: int, kind: str) -> Callable[[str], int]:
    """An argparse `type`: a decimal number within the bounds. `kind` is what an error says that it is not."""

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a {kind}: write a number from {least} to {most}")
        return number

    return parse
