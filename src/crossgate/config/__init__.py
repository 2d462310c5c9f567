"""Configuration text to located tree to typed model, one file per namespace, and the rules across fields."""

from crossgate.config.fixing import Mended, mend
from crossgate.config.load import Loaded, load_text
from crossgate.config.load_file import load_file

__all__ = ["Loaded", "Mended", "load_file", "load_text", "mend"]
