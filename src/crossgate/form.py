"""In which form crossgate runs: its hot modules compiled by mypyc, or all of it as Python."""

from crossgate.flow import fiber


def is_compiled() -> bool:
    """Whether the modules that most requests go through are C (`make wheel`; the list is in pyproject.toml)."""
    return not str(fiber.__file__).endswith(".py")
