"""Drives a WSGI application as a server does, through wsgiref's validator of PEP 3333."""

import io
import sys
from dataclasses import dataclass, field
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


@dataclass
class Answer:
    """What came out; `started` counts calls of start_response, `errors` is what the application wrote there."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    started: int = 0
    errors: str = ""
    raised: BaseException | None = None

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]


def ask(
    app: Any, method: str, path: str = "/", headers: list[tuple[str, str]] | None = None, *, validate: bool = True
) -> Answer:
    """One request. Repeated field lines are joined with commas, as WSGI servers do."""
    answer = Answer()
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    environ["wsgi.errors"] = errors = io.StringIO()
    if any(name.lower() == "host" for name, _ in headers or []):
        del environ["HTTP_HOST"]  # the default
    for name, value in headers or []:
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value

    def start_response(status: str, lines: list[tuple[str, str]], exc_info: Any = None) -> Any:
        assert answer.started == 0 or exc_info is not None
        answer.started += 1
        answer.status = int(status.split(" ", maxsplit=1)[0])
        answer.headers = list(lines)
        return lambda data: None

    body = None
    try:
        body = (validator(app) if validate else app)(environ, start_response)
        for piece in body:
            answer.body += piece
    except Exception:
        answer.raised = sys.exc_info()[1]
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    answer.errors = errors.getvalue()
    return answer
