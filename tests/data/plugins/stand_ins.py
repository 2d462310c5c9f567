"""Plugins for the tests: as other people might write them, well and badly."""

import asyncio
import atexit
import contextlib
import sys
import threading
from typing import Any

from crossgate.plugins import Answer, Forward, Headers, Plugin, Refusal, Request, Response, Setup

STARTED: list[str] = []


class Passes:
    """Does nothing anywhere."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def gate(self, request: Request) -> None:
        request.headers["X-Passed"] = self.setup.name

    async def execute(self, request: Request, send: Forward) -> Response:
        request.headers["X-Executed"] = self.setup.name
        return await send(request)

    def modify_request(self, request: Request) -> None:
        request.headers["X-Modified"] = self.setup.name


class Gate:
    """Does what the request's X-Do says."""

    def __init__(self, setup: Setup) -> None:
        self.config = setup.config

    def gate(self, request: Request) -> Any:
        match request.headers.get("x-do"):
            case "refuse":
                return Response(418, {"X-From": "gate"}, "short and stout")
            case "raise":
                raise LookupError("secret of the gate")
            case "exit":
                raise SystemExit(3)
            case "interrupt":
                raise KeyboardInterrupt
            case "refusal":
                raise Refusal(402, "pay first")
            case "true":
                return True
            case "split":
                return Response(200, {"X-A": "b\r\nSet-Cookie: c=d"})
            case "status":
                return Response(99)
            case "huge":
                return Response(200, {"X-A": "b" * 70_000})
            case "cors":
                return Response(200, {"Access-Control-Allow-Origin": "*", "Connection": "close", "X-Kept": "1"})
            case "lead":
                request.path = "/items/7"
                request.query["page"] = ["2", "ü"]
            case "length":
                request.headers["Content-Length"] = "3"
                request.headers["Transfer-Encoding"] = "chunked"
            case "number":
                request.path = 5  # type: ignore[assignment]
            case "dict":
                request.headers = {"x": "y"}  # type: ignore[assignment]
            case "new fields":
                request.headers = Headers({"X-New": "1"})
                return None
            case "badpath":
                request.path = "/a b\r\nX: y"
            case "echo":
                return Response(200, {}, f"{request.method}|{request.path}|{request.query_string}|{request.host}")
            case "lead-own-policy":
                request.path = "/own"
        request.headers["X-Gate"] = str(self.config.get("word"))
        return None


class Around:
    """Stands around; looks at bodies where the request wants that."""

    def __init__(self, setup: Setup) -> None:
        self.entered = 0

    async def __aenter__(self) -> None:
        self.entered += 1
        print("entered", flush=True)

    async def __aexit__(self, *_: object) -> None:
        print("left", flush=True)

    async def around(self, request: Request, forward: Forward) -> Any:
        what = request.headers.get("x-around")
        if what == "answer":
            return Response(203, {}, "not asked")
        response = await forward(request)
        response.headers["X-Around"] = f"{self.entered}"
        if what == "twice":
            response = await forward(request)
            response.headers["X-Twice"] = "yes"
        if what == "body":
            response.body = b"replaced"
        if what == "none":
            return None
        if what == "hang":
            await asyncio.Event().wait()
        return response


class Counting:
    """Reads the request's body whole."""

    needs_body = True

    def __init__(self, setup: Setup) -> None:
        pass

    def gate(self, request: Request) -> None:
        if request.body:
            request.headers["X-Length"] = str(len(request.body))
            if request.body == b"swap":
                request.body = b"something longer"


def waiting(setup: Setup) -> Plugin:
    """A gate that awaits, for ever if asked to."""

    async def gate(request: Request) -> Response | None:
        await asyncio.sleep(0)
        match request.headers.get("x-wait"):
            case "ever":
                await asyncio.Event().wait()
            case "raise":
                raise SystemExit(4)
            case "cancelled":
                raise asyncio.CancelledError
            case "answer":
                return Response(202)
        return None

    return Plugin(gate=gate)


class Blocking:
    """Runs in a thread."""

    blocking = True

    def __init__(self, setup: Setup) -> None:
        self.held = threading.Event()

    def modify_request(self, request: Request) -> None:
        request.headers["X-Thread"] = threading.current_thread().name
        match request.headers.get("x-block"):
            case "ever":
                self.held.wait()
            case "raise":
                raise SystemExit(5)


class Other(Blocking):
    """Another one of that kind."""


class Modifier:
    """Changes requests and answers; its place is in what it leaves."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def modify_request(self, request: Request) -> None:
        what = request.headers.get("x-modify")
        if what == "refuse":
            raise Refusal(451, "not here")
        if what == "new fields":
            request.headers = Headers({"X-New": self.setup.place})
            return
        if what == "raise":
            raise LookupError("secret of the modifier")
        if what == "method" and self.setup.place == "endpoint":
            request.method = "DELETE"
        if self.setup.place == "endpoint":
            request.query["added"] = ["a b", "&"]
            if "Id" in request.params:
                request.params["Id"] += "1"
        else:
            request.headers["X-Url"] = request.url
            request.path += "/more"
        request.headers["X-Set"] = self.setup.place

    def modify_response(self, answer: Answer) -> None:
        places = answer.data.setdefault("modified", [])
        places.append(self.setup.place)
        answer.headers["X-Answer"] = self.setup.place
        price = answer.data.get("price")
        if price is not None:
            answer.data["double"] = price * 2
        match answer.data.get("do"):
            case "cycle":
                answer.data["cycle"] = answer.data
            case "set":
                answer.data["set"] = {1, 2}
            case "nan":
                answer.data["nan"] = float("nan")
            case "text":
                answer.data = "text"  # type: ignore[assignment]
            case "refuse":
                raise Refusal(409, '{"why": "conflict"}', "application/json")


class Body:
    """Changes bodies of no-op backends."""

    needs_body = True

    def __init__(self, setup: Setup) -> None:
        pass

    def modify_response(self, answer: Answer) -> None:
        answer.body = answer.body.upper()
        answer.status = 201
        answer.headers["X-Answer"] = "no-op"


class Executor:
    """Calls backends, or does not."""

    def __init__(self, setup: Setup) -> None:
        pass

    async def execute(self, request: Request, send: Forward) -> Any:
        match request.headers.get("x-execute"):
            case "own":
                return Response(200, {"Content-Type": "application/json"}, '{"own": true}')
            case "raise":
                raise LookupError("secret of the executor")
            case "none":
                return None
            case "refuse":
                raise Refusal(410, "gone")
        request.headers["X-Executed"] = "yes"
        response = await send(request)
        response.headers["X-Sent"] = str(response.status)
        return response


class Held:
    """Holds the event loop, as no plugin should."""

    def __init__(self, setup: Setup) -> None:
        self.seconds = setup.config.get("seconds", 0.06)

    def modify_request(self, request: Request) -> None:
        import time

        time.sleep(self.seconds)


def broken(setup: Setup) -> Plugin:
    """A factory that fails."""
    raise RuntimeError("no licence")


def useless(setup: Setup) -> Plugin:
    """A plugin of another kind than any place wants."""
    return Plugin()


def takes_nothing(setup: Setup) -> Plugin:
    """A gate that is not given the request."""
    return Plugin(gate=lambda: None)  # type: ignore[misc, arg-type]


class BlocksAndAwaits:
    """Wants a thread and the loop."""

    blocking = True

    def __init__(self, setup: Setup) -> None:
        pass

    async def gate(self, request: Request) -> None:
        pass


class LeadsLater:
    """Says where a request leads when it has been led."""

    def __init__(self, setup: Setup) -> None:
        pass

    async def rewrite(self, request: Request) -> None:
        pass


async def made_later(setup: Setup) -> None:
    """A factory that is waited for."""


class FailsToBegin:
    """Cannot be entered."""

    def __init__(self, setup: Setup) -> None:
        pass

    async def __aenter__(self) -> None:
        raise OSError("no database")

    async def __aexit__(self, *_: object) -> None:
        pass

    def gate(self, request: Request) -> None:
        pass


class NeverBegins:
    """Waits for something that does not come."""

    def __init__(self, setup: Setup) -> None:
        pass

    async def __aenter__(self) -> None:
        print("about to begin", file=sys.stderr, flush=True)
        await asyncio.Event().wait()

    async def __aexit__(self, *_: object) -> None:
        pass

    def gate(self, request: Request) -> None:
        pass


class Stubborn:
    """Goes on whatever ends it."""

    def __init__(self, setup: Setup) -> None:
        self.how = setup.config.get("ends", "")

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        match self.how:
            case "exit":
                raise SystemExit(3)
            case "cancelled":
                raise asyncio.CancelledError
            case "never":
                await self.gate(Request())

    async def gate(self, request: Request) -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


class Spawning:
    """Begins things of its own, which go on when it has answered."""

    def __init__(self, setup: Setup) -> None:
        self.tasks: list[Any] = []

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass

    async def gate(self, request: Request) -> None:
        loop = asyncio.get_running_loop()
        match request.headers.get("x-spawn"):
            case "exit":
                self.tasks.append(loop.create_task(_raise(SystemExit(7))))
            case "interrupt":
                self.tasks.append(loop.create_task(_raise(KeyboardInterrupt())))
            case "error":
                loop.create_task(_raise(LookupError("of a task")))  # noqa: RUF006 # so that nobody waits for it
            case "callback":
                loop.call_soon(sys.exit, 8)
            case "timer":
                loop.call_later(0.001, sys.exit, 9)
            case "to_thread":
                self.tasks.append(loop.create_task(asyncio.to_thread(threading.Event().wait)))
            case "thread":
                threading.Thread(target=threading.Event().wait, name="endless").start()
            case "at exit":
                atexit.register(threading.Event().wait)


async def _raise(error: BaseException) -> None:
    raise error
