"""What a change is compared with: a commit, its files in a folder, and what became of a file since.

Knows git; does not know what is in the files. The repository itself is only read, but for a commit that is fetched.
"""

import os
import posixpath
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitError(Exception):
    """What git says, or why it is not asked."""


def git(*arguments: str, folder: str = ".", environ: Mapping[str, str] | None = None) -> str:
    """What git prints. Raises GitError."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise GitError(os.fsdecode(done.stderr).strip() or f"git {arguments[0]} fails")
    return os.fsdecode(done.stdout)


def from_here(path: str) -> str:
    """A path into the repository as one relative to the current folder, which is that of each commit; others stay."""
    if not Path(path).is_absolute():
        return path
    try:
        top = git("rev-parse", "--show-toplevel").removesuffix("\n")
    except GitError:
        return path
    whole = Path(path).parent.resolve() / Path(path).name  # a link stays one: what it leads to can change
    return os.path.relpath(whole) if whole.is_relative_to(top) else path


class Base:
    """The files of one commit, exported into a folder, beside the working tree at `top`."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.commit = commit
        self.folder = folder
        self.top = git("rev-parse", "--show-toplevel").removesuffix("\n")
        environ = {**os.environ, "GIT_INDEX_FILE": str(folder.parent / "index")}
        git("read-tree", commit, folder=self.top, environ=environ)
        git("checkout-index", "--all", f"--prefix={folder}/", folder=self.top, environ=environ)
        self.renamed: dict[str, str] = {}  # new to old, relative to `top`
        fields = iter(git("diff", "--name-status", "-z", "-M", "--diff-filter=R", commit, "--").split("\0"))
        for status in fields:
            if status:
                old, new = next(fields), next(fields)
                self.renamed[new] = old

    @property
    def root(self) -> Path:
        """The folder that the current one was at the time; it need not exist."""
        return self.folder / os.path.relpath(Path.cwd(), self.top)

    def old_name(self, path: str) -> str | None:
        """What a file was called, relative to `root`; None where there was none. Raises GitError."""
        here = os.path.relpath(path, self.top)  # a link is compared as one: what it leads to can change
        if here.split("/")[0] == "..":
            raise GitError(f"{path} is outside of the repository")
        name = here if os.path.lexists(self.folder / here) else self.renamed.get(here)
        return None if name is None else posixpath.relpath(name, os.path.relpath(Path.cwd(), self.top))

    def gone(self, pattern: str) -> list[str]:
        """The files that a pattern meant and that are there no more, relative to the current folder."""
        found = git(
            "diff", "--name-only", "-z", "-M", "--diff-filter=D", "--relative", self.commit, "--", f":(glob){pattern}"
        )
        return [name for name in found.split("\0") if name]


def find_commit(wanted: str, environ: Mapping[str, str]) -> str | None:
    """The commit to compare with; None where nothing says which. Raises GitError.

    Without a name, on GitHub, it is what a pull request is merged into. Of a name it is where this branch left it, if
    the history is there, else its tip.
    """
    if not wanted:
        if re.fullmatch(r"refs/pull/\d+/merge", environ.get("GITHUB_REF", "")):
            # The parents of the checkout stand in it, however shallow it is; those in the event can be older.
            parents = re.findall(r"^parent (\w+)$", git("cat-file", "-p", "HEAD").partition("\n\n")[0], re.MULTILINE)
            if len(parents) == 2:  # the base, and the branch that is merged into it
                return _resolved(parents[0]) or _fetched(parents[0])
        wanted = environ.get("GITHUB_BASE_REF", "")
        if not wanted:
            return None
    if not re.fullmatch(r"[^-:^~?*\[\\\s][^:^~?*\[\\\s]*", wanted):
        raise GitError(f"{wanted!r} is no name of a branch or commit")
    commit = _resolved(wanted) or _resolved(f"refs/remotes/origin/{wanted}") or _fetched(wanted)
    try:
        return git("merge-base", commit, "HEAD").strip()
    except GitError:
        return commit


def _resolved(name: str) -> str | None:
    try:
        return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
    except GitError:
        return None


def _fetched(name: str) -> str:
    git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", name)
    return git("rev-parse", "--verify", "FETCH_HEAD").strip()
