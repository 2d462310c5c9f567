"""The steps of a container file, and a way to run them in a root folder where there is no container engine.

Knows the instructions that `deploy/Containerfile` uses, and fails on any other. Needs root, for chroot.
"""

import json
import posixpath
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

KNOWN = {
    "ARG",
    "FROM",
    "WORKDIR",
    "COPY",
    "RUN",
    "ENV",
    "USER",
    "EXPOSE",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "ENTRYPOINT",
    "CMD",
}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Step(NamedTuple):
    """One instruction, with continued lines joined."""

    name: str
    rest: str


class Image(NamedTuple):
    """What a stage came to: its root folder and how it is to be run."""

    root: Path
    env: Mapping[str, str]
    user: str
    settings: Mapping[str, str]


def steps(text: str) -> list[Step]:
    """The instructions of a container file."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r" *\\\n", " ", "\n".join(lines))
    found = [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]
    unknown = {step.name for step in found} - KNOWN
    if unknown:
        raise ValueError(f"instructions that are not known here: {sorted(unknown)}")
    return found


def stages(found: list[Step]) -> tuple[dict[str, str], list[list[Step]]]:
    """The arguments before the first stage, and the steps of each stage, FROM first."""
    arguments: dict[str, str] = {}
    parts: list[list[Step]] = []
    for step in found:
        if step.name == "FROM":
            parts.append([step])
        elif parts:
            parts[-1].append(step)
        else:
            name, _, value = step.rest.partition("=")
            arguments[name] = value
    return arguments, parts


def build(text: str, context: Path, base: Path, folder: Path, network: Mapping[str, str]) -> Image:
    """Run every step, each stage in a copy of `base` below `folder`; the last stage. `network` is for RUN alone."""
    _, parts = stages(steps(text))
    images: dict[str, Image] = {}
    for number, part in enumerate(parts):
        words = part[0].rest.split()
        name = words[2] if len(words) == 3 else str(number)
        images[name] = _stage(part[1:], context, base, folder / name, images, network)
    return images[name]


def _stage(
    part: list[Step], context: Path, base: Path, root: Path, images: Mapping[str, Image], network: Mapping[str, str]
) -> Image:
    subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(root)], check=True)
    env, user, work, settings = {"PATH": _PATH}, "0:0", "/", {}
    for name, rest in part:
        filled = _filled(rest, env)
        if name == "ARG":
            key, _, value = filled.partition("=")
            env[key] = value
        elif name == "ENV":
            env.update(word.split("=", 1) for word in shlex.split(filled))
        elif name == "WORKDIR":
            work = filled
            (root / work.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            _copy(shlex.split(filled), context, root, work, images)
        elif name == "RUN":
            command = f"cd {work} && {rest}"
            subprocess.run(["chroot", str(root), "/bin/sh", "-ec", command], env={**network, **env}, check=True)
        elif name == "USER":
            user = filled
        else:
            settings[name] = rest
    return Image(root, env, user, settings)


def _filled(text: str, env: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: env.get(match[1] or match[2], ""), text)


def _copy(words: list[str], context: Path, root: Path, work: str, images: Mapping[str, Image]) -> None:
    source = context
    if words[0].startswith("--from="):
        source = images[words.pop(0).removeprefix("--from=")].root
    *names, target = words
    place = root / posixpath.normpath(posixpath.join(work, target)).lstrip("/")
    for name in names:
        origin = source / name.lstrip("/")
        into = place / origin.name if target.endswith("/") else place
        into.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(origin, place / origin.name if place.is_dir() else into)


def as_list(setting: str) -> list[str]:
    """The words of an ENTRYPOINT, a CMD or a HEALTHCHECK in its JSON form."""
    words: list[str] = json.loads(setting[setting.index("[") :])
    return words


def in_root(image: Image, words: list[str]) -> list[str]:
    """The command line that runs `words` in the image as its user does."""
    return ["chroot", f"--userspec={image.user}", str(image.root), "/usr/bin/env", *words]
