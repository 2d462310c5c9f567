"""`static-filesystem`: files of a folder, for clients under a prefix, or as a backend.

Nothing outside the folder is served, whatever a path or a symbolic link says; no hidden file unless that is asked for;
no list of a directory. Files are read in threads. Source: the public documentation of KrakenD Enterprise 2.3.
DEVIATION(DEV-PLUGIN-5): KrakenD lists directories, follows links out of the folder and serves hidden files.
"""

import asyncio
import re
from collections.abc import Awaitable
from pathlib import Path
from urllib.parse import unquote

from crossgate.components.plugins.own.file_answer import answer_with_file
from crossgate.components.plugins.own.reading import check_names, read_flag, read_text, read_texts
from crossgate.plugins import Forward, Request, Response, Setup

_SLASHES = re.compile("//+")


class StaticFilesystem:
    """One folder."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError where there is no such folder."""
        config = setup.config
        check_names(config, ("path", "prefix", "skip", "hidden_files"))
        self._root = Path(read_text(config, "path")).resolve()
        if not self._root.is_dir():
            raise ValueError(f'"path" must be a folder: {self._root} is none')
        is_server = setup.place == "service"
        self._prefix = read_text(config, "prefix", None if is_server else "")
        self._skip = tuple(read_texts(config, "skip", ()))
        self._serves_hidden = read_flag(config, "hidden_files")

    def gate(self, request: Request) -> Awaitable[Response] | None:
        """Files under the prefix; all else passes."""
        path = unquote(request.path)
        # Many slashes are one in what is served, so they are in what is skipped.
        if not path.startswith(self._prefix) or _SLASHES.sub("/", path).startswith(self._skip):
            return None
        return self._serve(request)

    async def execute(self, request: Request, send: Forward) -> Response:  # noqa: ARG002 # there is nobody to ask
        """The file as a backend's answer."""
        return await self._serve(request)

    async def _serve(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(405, {"Allow": "GET, HEAD"})
        file = self._file(request.path)
        if file is None:
            return Response(404)
        return await asyncio.to_thread(answer_with_file, request, self._root, file)

    def _file(self, path: str) -> Path | None:
        """What a path names, by its segments alone; None where it must not name anything."""
        if "%2f" in path.lower() or "%5c" in path.lower():
            return None  # a slash that is none would be one from here on
        name = unquote(path, errors="replace").removeprefix(self._prefix)
        segments = [segment for segment in name.split("/") if segment]
        for segment in segments:
            if segment in (".", "..") or "\\" in segment or "\0" in segment:
                return None
            if segment.startswith(".") and not self._serves_hidden:
                return None
        return self._root.joinpath(*segments)
