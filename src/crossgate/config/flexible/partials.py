"""KrakenD's `include`: the text of a file, as it is. Knows which files a template may read, and which it has read.

Source: krakend-flexibleconfig 2.3.1 `template.go`.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from crossgate.config.read_file import read_bytes
from crossgate.golang.literals import from_bytes
from crossgate.gotemplate import GoError
from crossgate.gotemplate.sprig.paths import join
from crossgate.gotemplate.values import PartialText, type_of


@dataclass(slots=True)
class Partials:
    """`folders` are those of partials; without any, names are relative to the working folder.

    `texts` are the files that were included, by path, `missing` those that are not there, in the order of the calls.
    """

    folders: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)

    def include(self, name: Any) -> str:
        """The text of a file; a missing one is empty, as in KrakenD. Raises GoError."""
        if not isinstance(name, str):
            shown = "nil" if name is None else type_of(name)
            raise GoError(f"interface conversion: interface {{}} is {shown}, not string")
        for folder in self.folders or ("",):
            path = join(folder, name)
            if path in self.texts:
                return _partial(self.texts[path], path)
            if not self._allowed(path):
                # DEVIATION(DEV-TMPL-5): KrakenD reads any file that the process may read.
                raise GoError(f"{name} is outside of the folders that templates may read")
            try:
                self.texts[path] = from_bytes(read_bytes(path))
            except (OSError, ValueError):
                continue
            return _partial(self.texts[path], path)
        self.missing[join((self.folders or ("",))[0], name)] = None
        return ""

    def _allowed(self, path: str) -> bool:
        """Whether it lies in a folder of partials or in the working folder, symbolic links followed."""
        try:
            real = os.path.realpath(path)
            roots = [os.path.realpath(folder) for folder in self.folders]
            working = os.path.realpath(".")
        except (OSError, ValueError):
            return True  # it cannot be read in any case
        # In a container the working folder is often the root, which holds everything.
        if not roots or working != os.path.sep:
            roots.append(working)
        return any(real == root or real.startswith(root.rstrip(os.path.sep) + os.path.sep) for root in roots)


def _partial(text: str, path: str) -> PartialText:
    partial = PartialText(text)
    partial.file = path
    return partial
