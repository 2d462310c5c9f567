"""Bytes of a configuration file to a plain tree of dicts, lists and scalars, and where in the text each value stands.

One module per format. Nothing here knows what a configuration means.
"""

from crossgate.config.source.parsed import Format, Parsed, parse

__all__ = ["Format", "Parsed", "parse"]
