"""Starts real browsers without a driver: a fresh profile, a process group of their own, and an end that is certain.

A browser dies with whoever started it: by `stop`, or, should the starter itself be killed, by the kernel's
parent-death signal. Knows nothing of pages or cases.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from tests.browser.firefox_prefs import QUIET, render_user_js

Name = Literal["chromium", "firefox"]

_PROGRAMS: dict[Name, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
_DISABLED_FEATURES = (
    "OptimizationHints",
    "MediaRouter",
    "Translate",
    "DialMediaRouteProvider",
    "AutofillServerCommunication",
    "LocalNetworkAccessChecks",  # would ask a person
)
_CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--metrics-recording-only",
    "--disable-breakpad",
    "--no-pings",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
    "--enable-logging=stderr",  # its console names the reason of a blocked call
    "--v=0",
    "--disable-features=" + ",".join(_DISABLED_FEATURES),
)
FOREIGN_NAME = "api.example"
"""A name that these browsers take for 127.0.0.1 without knowing it for a loopback name."""

_DIE_WITH_PARENT = Path(__file__).parent / "die_with_parent.py"
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Trust:
    """The one throw-away certificate that a browser is to trust, for these authorities (`127.0.0.1:4433`)."""

    spki_sha256_base64: str
    sha256_fingerprint: str  # upper-case, with colons
    authorities: tuple[str, ...]


def find_browser(name: Name) -> str | None:
    """The path of the installed browser, None where there is none."""
    return next((path for program in _PROGRAMS[name] if (path := shutil.which(program))), None)


def version_of(name: Name) -> str:
    """What the browser calls itself, as `Chromium 156.0`."""
    program = find_browser(name)
    if program is None:
        return ""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return told.stdout.partition(" built ")[0].strip()


class Browser:
    """A running browser. Everything it writes to standard error is in `log_path` until `stop`."""

    def __init__(self, process: "subprocess.Popen[bytes]", directory: Path) -> None:
        self._process = process
        self._directory = directory
        self.log_path = directory / "log.txt"

    @property
    def devtools_port(self) -> int | None:
        """The port that Chromium chose for its DevTools, where it was started with one; None until it has."""
        try:
            return int((self._directory / "profile" / "DevToolsActivePort").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None

    @property
    def process_group(self) -> int:
        """The id of the group that holds the browser and all its children."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the browser's first process has not ended."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End every process of the group and remove the profile. Harmless when it is over already."""
        _kill_group(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        _kill_group(self._process.pid, signal.SIGKILL)
        self._process.wait(_STOP_SECONDS)
        _remove(self._directory)


@contextlib.contextmanager
def running_browser(
    name: Name, url: str, *, trust: Trust | None = None, arguments: tuple[str, ...] = ()
) -> Iterator[Browser]:
    """A browser that opens `url`. Raises LookupError where it is not installed."""
    program = find_browser(name)
    if program is None:
        raise LookupError(name)
    directory = Path(tempfile.mkdtemp(prefix="crossgate-browser-"))
    try:
        profile = directory / "profile"
        profile.mkdir()
        (directory / "home").mkdir()
        command = _chromium(program, profile, trust) if name == "chromium" else _firefox(program, profile, trust)
        with (directory / "log.txt").open("wb") as log:
            process = _spawn([*command, *arguments, url], directory, log)
    except BaseException:
        _remove(directory)
        raise
    browser = Browser(process, directory)
    try:
        yield browser
    finally:
        browser.stop()


def dump_dom(url: str, *, budget_ms: int = 8000, timeout_seconds: float = 40.0) -> str:
    """The document that Chromium has made of the page once `budget_ms` of its own virtual time have passed."""
    arguments = (f"--virtual-time-budget={budget_ms}", "--dump-dom")
    program = find_browser("chromium")
    if program is None:
        raise LookupError("chromium")
    directory = Path(tempfile.mkdtemp(prefix="crossgate-browser-"))
    try:
        (directory / "profile").mkdir()
        (directory / "home").mkdir()
        command = [*_chromium(program, directory / "profile", None), *arguments, url]
        with (directory / "log.txt").open("wb") as log:
            process = _spawn(command, directory, log, stdout=subprocess.PIPE)
        try:
            return process.communicate(timeout=timeout_seconds)[0].decode()
        finally:
            _kill_group(process.pid, signal.SIGKILL)
            process.communicate()
    finally:
        _remove(directory)


def _spawn(
    command: list[str], directory: Path, log: IO[bytes], stdout: int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    environment = {
        "HOME": str(directory / "home"),
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "TMPDIR": str(directory),
        "MOZ_CRASHREPORTER_DISABLE": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-I", str(_DIE_WITH_PARENT), str(os.getpid()), *command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=log,
        start_new_session=True,
    )


def _chromium(program: str, profile: Path, trust: Trust | None) -> list[str]:
    # Third-party cookies are off in headless mode; cases about credentials want what a person's browser does.
    (profile / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    command = [program, *_CHROMIUM_FLAGS, f"--user-data-dir={profile}"]
    command.append(f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1")
    if trust is not None:
        command.append(f"--ignore-certificate-errors-spki-list={trust.spki_sha256_base64}")
    return command


def _firefox(program: str, profile: Path, trust: Trust | None) -> list[str]:
    (profile / "user.js").write_text(render_user_js({**QUIET, "network.dns.localDomains": FOREIGN_NAME}))
    if trust is not None:
        sha256_oid = "OID.2.16.840.1.101.3.4.2.1"
        lines = [f"{authority}:\t{sha256_oid}\t{trust.sha256_fingerprint}\t\n" for authority in trust.authorities]
        (profile / "cert_override.txt").write_text("".join(lines))
    return [program, "--headless", "--no-remote", "--profile", str(profile)]


def _kill_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _remove(directory: Path) -> None:
    """Remove a profile, also while the last of its owners are still writing into it."""
    deadline = time.monotonic() + _STOP_SECONDS
    while directory.exists() and time.monotonic() < deadline:
        shutil.rmtree(directory, ignore_errors=True)
