"""Keep-alive, pipelining, versions, HEAD and what frames a response."""

import asyncio

from crossgate.config.model import LimitsConfig
from crossgate.flow.body import Body
from crossgate.flow.fiber import Signal
from crossgate.http.message import Request, Response
from tests.support.dataplane import GRANT, connected, echo, get, live, serving, until


@live
async def test_pipelined_requests_are_answered_in_order_though_the_first_takes_longest() -> None:
    gates: dict[bytes, Signal[None]] = {}

    async def respond(request: Request) -> Response:
        if request.path == b"/slow":
            gates[request.path] = Signal()
            await gates[request.path]
        return Response(200, [], request.path)

    async with serving(respond) as (server, app), connected(server.port) as peer:
        peer.send(get(b"/slow") + get(b"/2") + get(b"/3"))
        await until(lambda: bool(gates))
        assert [request.path for request in app.requests] == [b"/slow"]
        gates[b"/slow"].succeed(None)
        assert [(await peer.answer()).body for _ in range(3)] == [b"/slow", b"/2", b"/3"]
        assert app.finished == [(200, 5), (200, 2), (200, 2)]


@live
async def test_thousands_of_pipelined_requests_are_all_answered() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        peer.send(b"".join(get(b"/%d" % index) for index in range(5000)))
        for index in range(5000):
            assert (await peer.answer()).body == b"GET /%d gateway.example 0" % index
        assert len(app.finished) == 5000


@live
async def test_pipelined_bodies_belong_to_their_requests() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        chunked = (
            get(b"/c", b"Transfer-Encoding: chunked", method=b"POST") + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n"
        )
        fixed = get(b"/f", b"Content-Length: 4", method=b"PUT") + b"abcd"
        peer.send((chunked + fixed) * 3)
        for _ in range(3):
            assert (await peer.answer()).body == b"POST /c gateway.example 5"
            assert (await peer.answer()).body == b"PUT /f gateway.example 4"


@live
async def test_http_1_0_closes_unless_asked_not_to() -> None:
    async with serving() as (server, _):
        async with connected(server.port) as peer:
            answer = await peer.send(b"GET / HTTP/1.0\r\n\r\n").answer()
            assert (answer.status, answer.one(b"connection")) == (200, b"close")
            assert await peer.ended()
        async with connected(server.port) as peer:
            for _ in range(2):
                peer.send(b"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n")
                assert (await peer.answer()).one(b"connection") == b"keep-alive"


@live
async def test_connection_close_is_honoured_and_what_follows_is_not_served() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        peer.send(get(b"/1", b"Connection: foo, Close") + get(b"/2"))
        answer = await peer.answer()
        assert (answer.body, answer.one(b"connection")) == (b"GET /1 gateway.example 0", b"close")
        assert await peer.ended()
        assert len(app.requests) == 1


@live
async def test_connection_ends_after_so_many_requests() -> None:
    async with serving(limits=LimitsConfig(max_requests_per_connection=3)) as (server, app):
        async with connected(server.port) as peer:
            peer.send(get() * 5)
            assert [(await peer.answer()).one(b"connection") for _ in range(3)] == [None, None, b"close"]
            assert await peer.ended()
        assert len(app.requests) == 3


@live
async def test_answer_to_head_has_no_body_but_its_length() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        peer.send(get(method=b"HEAD") + get())
        answer = await peer.answer(to_head=True)
        assert answer.one(b"content-length") == b"24"
        assert (await peer.answer()).body == b"GET / gateway.example 0"


@live
async def test_bodiless_statuses_have_neither_body_nor_framing() -> None:
    async def respond(request: Request) -> Response:
        return Response(int(request.path[1:]), [], b"unwanted")

    async with serving(respond) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/204") + get(b"/304") + get(b"/200"))
        for status in (204, 304):
            answer = await peer.answer()
            assert answer.status == status
            assert not answer.all(b"content-length")
            assert not answer.all(b"transfer-encoding")
        assert (await peer.answer()).body == b"unwanted"


@live
async def test_every_response_has_one_date_and_one_vary() -> None:
    async def respond(request: Request) -> Response:
        return Response(200, [(b"date", b"then")] if request.path == b"/own" else [], b"")

    async with serving(respond) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/own") + get())
        assert (await peer.answer()).one(b"date") == b"then"
        answer = await peer.answer()
        assert (answer.one(b"date") or b"").endswith(b" GMT")
        assert answer.one(b"vary") == b"Origin"
        assert answer.one(b"access-control-allow-origin") == GRANT


@live
async def test_preflight_is_answered_without_the_application() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        peer.send(get(b"/x", b"Access-Control-Request-Method: PUT", method=b"OPTIONS") + get(b"/y"))
        answer = await peer.answer()
        assert answer.status == 204
        assert answer.one(b"access-control-allow-methods") == b"PUT"
        assert (await peer.answer()).status == 200
        assert [request.path for request in app.requests] == [b"/y"]
        assert [status for status, _ in app.finished] == [204, 200]


@live
async def test_options_asterisk_is_about_the_server() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        assert (await peer.send(get(b"*", method=b"OPTIONS")).answer()).status == 200
        assert not app.requests


@live
async def test_application_cannot_inject_field_lines() -> None:
    async def respond(request: Request) -> Response:
        fields = [(b"location", b"/a\r\nSet-Cookie: x=1"), (b"x y", b"z"), (b"content-length", b"7"), (b"te", b"x")]
        return Response(200, [*fields, (b"transfer-encoding", b"chunked")], b"ok")

    async with serving(respond) as (server, _), connected(server.port) as peer:
        answer = await peer.send(get()).answer()
        assert answer.one(b"location") == b"/a  Set-Cookie: x=1"
        assert answer.body == b"ok"
        assert not answer.all(b"set-cookie")
        assert not answer.all(b"te")
        assert not answer.all(b"x y")


@live
async def test_application_that_fails_gives_a_bare_500_and_a_log_line_with_the_same_id(caplog: object) -> None:
    async def respond(request: Request) -> Response:
        if request.path == b"/after":
            return Response(200, [], b"fine")
        if request.path == b"/status":
            return Response(42)
        if request.path == b"/base":
            raise asyncio.CancelledError
        raise ValueError("secret detail")

    async with serving(respond) as (server, app), connected(server.port) as peer:
        for path in (b"/raise", b"/status", b"/base"):
            answer = await peer.send(get(path)).answer()
            assert answer.status == 500
            assert b"secret" not in answer.body
            assert answer.one(b"access-control-allow-origin") == GRANT
            error_id = answer.body.split()[-1].decode()
            assert error_id in caplog.text  # type: ignore[attr-defined]
        assert (await peer.send(get(b"/after")).answer()).body == b"fine"
        assert [status for status, _ in app.finished] == [500, 500, 500, 200]


@live
async def test_policy_that_fails_gives_a_500_too() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        app.policy = 7  # type: ignore[assignment] # anything that cannot decide
        assert (await peer.send(get()).answer()).status == 500


@live
async def test_response_of_unknown_length_is_chunked_or_ends_with_the_connection() -> None:
    async def respond(request: Request) -> Response:
        body = Body()
        for piece in (b"abc", b"", b"de"):
            body.feed(piece)
        body.end()
        return Response(200, [], body)

    async with serving(respond) as (server, app):
        async with connected(server.port) as peer:
            answer = await peer.send(get()).answer()
            assert (answer.body, answer.one(b"transfer-encoding")) == (b"abcde", b"chunked")
            answer = await peer.send(get(version=b"1.0")).answer()
            assert (answer.body, answer.one(b"connection")) == (b"abcde", b"close")
        assert app.finished == [(200, 5), (200, 5)]


@live
async def test_body_that_is_not_as_long_as_announced_breaks_off() -> None:
    async def respond(request: Request) -> Response:
        body = Body(length_bytes=4)
        body.feed(b"abc" if request.path == b"/short" else b"abcdef")
        body.end()
        return Response(200, [], body)

    async with serving(respond) as (server, _):
        for path in (b"/short", b"/long"):
            async with connected(server.port) as peer:
                received = await peer.send(get(path)).rest()
                assert not received.endswith((b"abcd", b"abcdef"))


@live
async def test_drained_server_finishes_what_is_under_way_and_closes_the_rest() -> None:
    gate: list[Signal[None]] = []

    async def respond(request: Request) -> Response:
        gate.append(Signal())
        await gate[-1]
        return Response(200, [], b"late")

    async with serving(respond) as (server, _), connected(server.port) as busy, connected(server.port) as idle:
        busy.send(get())
        await until(lambda: bool(gate) and server.connection_count == 2)
        drained = asyncio.get_running_loop().create_task(server.drain(10))
        assert await idle.ended()
        assert not drained.done()
        gate[0].succeed(None)
        answer = await busy.answer()
        assert (answer.body, answer.one(b"connection")) == (b"late", b"close")
        busy.writer.close()
        assert await drained


@live
async def test_drain_ends_within_its_time_and_says_so() -> None:
    async def respond(request: Request) -> Response:
        await Signal()
        raise AssertionError

    async with serving(respond) as (server, app), connected(server.port) as peer:
        peer.send(get())
        await until(lambda: bool(app.requests))
        assert not await server.drain(0.05)
        assert app.finished == [(499, 0)]


@live
async def test_server_on_all_interfaces_knows_its_clients_addresses() -> None:
    async def respond(request: Request) -> Response:
        return Response(200, [], request.peer_host.encode())

    from crossgate.flow.timers import Timers
    from crossgate.server.serve import start_server
    from tests.support.dataplane import App

    timers = Timers(asyncio.get_running_loop().time)
    server = await start_server(App(respond), limits=LimitsConfig(), timers=timers, host="")
    async with connected(server.port) as peer:
        assert (await peer.send(get()).answer()).body == b"127.0.0.1"
    await server.close()


def test_echo_is_what_these_tests_take_it_for() -> None:
    from crossgate.flow.fiber import run_to_end

    assert run_to_end(echo(Request(b"GET", b"/x", None, [], host=b"h"))).body == b"GET /x h 0"
