"""What is in files and folders, briefly: to see whether anything changed that a configuration was read from.

Knows contents, so that a link that leads elsewhere, a file put in the place of another and one written anew with the
same text are told apart. Does not know what the files are for.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping

MAX_FILE_BYTES = 64 * 1024 * 1024

States = Mapping[str, str]
"""By path: a digest of what is there, empty where nothing can be read."""


def states_of(paths: Iterable[str]) -> States:
    """The states of files and folders; of a folder it is the names in it. Cost is that of reading them all."""
    return {path: _state(path) for path in dict.fromkeys(paths)}


def digest_of(states: States) -> str:
    """All of it in a few characters: equal for equal states."""
    return hashlib.blake2b(repr(sorted(states.items())).encode(), digest_size=16).hexdigest()


def _state(path: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    try:
        if os.path.isdir(path):  # noqa: PTH112 # one look at the path, and of any text
            digest.update(repr(sorted(os.listdir(path))).encode("utf-8", "surrogateescape"))  # noqa: PTH208 # likewise
        elif os.path.isfile(path):  # noqa: PTH113 # a pipe would be read empty
            with open(path, "rb") as file:  # noqa: PTH123 # likewise
                digest.update(file.read(MAX_FILE_BYTES))
        else:
            return ""
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()
