"""Builds the compiled wheel: the modules that pyproject.toml names go through mypyc, everything else stays as it is.

Only where `CROSSGATE_COMPILE` asks for it: 1 means that compiling must succeed, auto that a pure wheel will do where
there is no C compiler or no headers of Python. Without it, in editable installs and in sdists nothing happens. The
checkout is never written to: a compiled module in it would take the place of the source that is being edited.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SETUP = """
import os, sys
from mypyc.build import mypycify
from setuptools import setup
checking = ["--config-file=", "--ignore-missing-imports"]
level = os.environ.get("MYPYC_OPT_LEVEL", "3")
modules = mypycify([*checking, *sys.argv[1:]], group_name="crossgate", opt_level=level, debug_level="0")
setup(name="crossgate", ext_modules=modules, script_args=["build_ext", "--inplace"])
"""


def obstacle() -> str | None:
    """Why nothing can be compiled here; None if it can."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        return "the headers of Python are not installed (python3-dev)"
    return None


class CompiledModules(BuildHookInterface[Any]):
    """The hook. Its configuration has `modules`: paths below src."""

    def _is_wanted(self) -> bool:
        asked = os.environ.get("CROSSGATE_COMPILE") or "0"
        if asked not in ("0", "1", "auto"):
            raise ValueError(f"CROSSGATE_COMPILE is 0, 1 or auto, not {asked!r}")
        if asked == "0":
            return False
        reason = obstacle()
        if reason is not None and asked == "1":
            raise RuntimeError(f"nothing can be compiled: {reason}")
        if reason is not None:
            self.app.display_warning(f"The wheel is pure Python: {reason}.")
        return reason is None

    def dependencies(self) -> list[str]:
        """What building needs: nothing for a pure wheel."""
        return ["mypy[mypyc]>=2.4"] if self.target_name == "wheel" and self._is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile a copy of the source and have the wheel take the results."""
        if self.target_name != "wheel" or version != "standard" or not self._is_wanted():
            return
        self._folder = TemporaryDirectory(prefix="crossgate-compile-")
        work = Path(self._folder.name)
        source = Path(self.root, "src", "crossgate")
        shutil.copytree(source, work / "crossgate", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-c", _SETUP, *self.config["modules"]]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"mypyc failed:\n{done.stdout}{done.stderr}")
        libraries = [*work.glob("*.so"), *(work / "crossgate").rglob("*.so")]
        build_data["force_include"] |= {str(path): str(path.relative_to(work)) for path in libraries}
        build_data["infer_tag"] = True
        build_data["pure_python"] = False

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """The wheel is written."""
        if not build_data.get("pure_python", True):
            self._folder.cleanup()
