"""What clients get back: gateway.md sections 4, 6.1, 7 and 8."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from crossgate.config.model import FlatmapOp, RouterConfig, StaticConfig
from crossgate.flow.body import Body
from crossgate.flow.fiber import Signal
from crossgate.http.failure import FailureKind, failed_call
from crossgate.http.message import Response, UpstreamRequest, UpstreamResponse
from tests.support.pipeline import Backend, Gateway, answer, backend, body, endpoint, field, request, result, service

SHOWN = RouterConfig(return_error_msg=True)
Reply = Callable[[UpstreamRequest], Any]


def completed(response: Response) -> str:
    return field(response, "x-krakend-completed")[0]


def by_target(**replies: Any) -> Reply:
    """Replies by the last segment of the target's path."""

    def reply(upstream: UpstreamRequest) -> Any:
        name = upstream.target.decode().partition("?")[0].rpartition("/")[2]
        found = replies[name]
        return found() if callable(found) else found

    return reply


def refused() -> Exception:
    cause = "dial tcp 127.0.0.1:1: connect: connection refused"
    return failed_call(FailureKind.CONNECT, b"GET", "http://backend:8000/back", cause)


# -- one backend


def test_decoded_answer_is_rendered_with_krakends_fields() -> None:
    response = Gateway(service(endpoint(cache_ttl_seconds=300)), Backend(answer(b'{"b":1.0,"a":"<"}'))).get()
    assert response.status == 200
    assert response.body == b'{"a":"\\u003c","b":1.0}'
    assert response.fields == [
        (b"x-krakend", b"Version 2.13.8"),
        (b"cache-control", b"public, max-age=300"),
        (b"x-krakend-completed", b"true"),
        (b"content-type", b"application/json; charset=utf-8"),
    ]
    assert response.from_backend == ""


def test_empty_object_is_not_completed_and_not_cached() -> None:
    response = Gateway(service(endpoint(cache_ttl_seconds=300)), Backend(answer(b"{}"))).get()
    assert (response.status, response.body, completed(response)) == (200, b"{}", "false")
    assert field(response, "cache-control") == []


@pytest.mark.parametrize("status", [202, 204, 301, 304, 400, 404, 500, 503])
def test_other_statuses_than_200_and_201_are_an_empty_500(status: int) -> None:
    gateway = Gateway(service(endpoint()), Backend(answer(b'{"a":1}', status)))
    response = gateway.get()
    assert (response.status, response.body, completed(response)) == (500, b"", "false")
    assert gateway.log == [f"[ENDPOINT: /e] invalid status code {status} [GET /back]: http://backend:8000/back"]


def test_201_is_a_success_told_as_200() -> None:
    assert Gateway(service(endpoint()), Backend(answer(status=201))).get().status == 200


def test_error_text_shows_the_internal_pattern_if_asked_for() -> None:
    config = service(endpoint("/e/{c}", backend("/crash/{c}")), router=SHOWN)
    response = Gateway(config, Backend(answer(status=404))).get("/e/x")
    assert response.body == b"invalid status code 404 [GET /crash/{{.C}}]: http://backend:8000/crash/x"
    assert field(response, "content-type") == ["text/plain; charset=utf-8"]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (refused(), 'Get "http://backend:8000/back": dial tcp 127.0.0.1:1: connect: connection refused'),
        (answer(b""), "EOF"),
        (answer(b"[1]"), "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (answer(b"{bad}"), "invalid character 'b' looking for beginning of object key string"),
    ],
)
def test_failures_are_500_with_gos_text_if_asked_for(reply: Any, text: str) -> None:
    shown = Gateway(service(endpoint(), router=SHOWN), Backend(lambda _: reply)).get()
    assert (shown.status, shown.body) == (500, text.encode())
    hidden = Gateway(service(endpoint()), Backend(lambda _: reply)).get()
    assert (hidden.status, hidden.body) == (500, b"")


def test_faults_of_our_own_are_shown_to_nobody() -> None:
    for style, router in (("krakend", SHOWN), ("http", SHOWN)):
        config = service(endpoint(), router=router, error_style=style)
        gateway = Gateway(config, Backend(lambda _: ZeroDivisionError("a secret")))
        response = gateway.get()
        assert response.status == 500
        assert b"secret" not in body(response)


def test_timeout_is_500_after_the_endpoints_time() -> None:
    gateway = Gateway(service(endpoint(timeout_seconds=2.0), router=SHOWN), Backend(lambda _: Signal()))
    fiber = gateway.start(request())
    gateway.pass_time(1.9)
    assert not fiber.done.settled
    gateway.pass_time(0.2)
    response = result(fiber)
    assert (response.status, response.body) == (500, b"context deadline exceeded")
    assert gateway.backend.aborted == 1
    assert len(gateway.timers) == 0


@pytest.mark.parametrize("seconds", [0.00015, 5e-9, 0.0, -1.0])
def test_dev_time_2_time_too_short_for_any_answer_is_over_at_once(seconds: float) -> None:
    gateway = Gateway(service(endpoint(timeout_seconds=seconds)))
    assert gateway.get().status == 500
    assert gateway.backend.calls == []


def test_client_that_leaves_ends_the_call() -> None:
    gateway = Gateway(service(endpoint()), Backend(lambda _: Signal()))
    gateway.start(request()).cancel()
    assert gateway.backend.aborted == 1
    assert len(gateway.timers) == 0


def test_return_error_code_gives_the_backends_status() -> None:
    config = service(endpoint("/e", backend(return_error_code=True)))
    response = Gateway(config, Backend(answer(b"teapot", 418))).get()
    assert (response.status, response.body, completed(response)) == (418, b"", "false")


def test_return_error_code_gives_the_body_if_messages_are_shown() -> None:
    config = service(endpoint("/e", backend(return_error_code=True)), router=SHOWN)
    response = Gateway(config, Backend(answer(b"teapot", 418, [(b"content-type", b"text/tea")]))).get()
    assert (response.status, response.body) == (418, b"teapot")
    assert field(response, "content-type") == ["text/tea"]


def test_return_error_details_becomes_data_in_krakends_order() -> None:
    config = service(endpoint("/e", backend(return_error_details="b", return_error_code=True, group="g")))
    response = Gateway(config, Backend(answer("é<".encode(), 404, [(b"content-type", b"text/x")]))).get()
    assert response.status == 200
    assert completed(response) == "false"
    assert response.body == (
        '{"error_b":{"http_status_code":404,"http_body":"é\\u003c","http_body_encoding":"text/x"}}'.encode()
    )


def test_return_error_details_leaves_out_what_is_empty() -> None:
    config = service(endpoint("/e", backend(return_error_details="b")))
    response = Gateway(config, Backend(answer(b"", 404, []))).get()
    assert response.body == b'{"error_b":{"http_status_code":404}}'


@pytest.mark.parametrize("output_encoding", ["negotiate", "xml", "yaml"])
def test_return_error_details_in_other_encodings(output_encoding: str) -> None:
    config = service(endpoint("/e", backend(return_error_details="b"), output_encoding=output_encoding))
    response = Gateway(config, Backend(answer("é".encode(), 404))).get(fields=[("Accept", "application/xml")])
    assert response.status == 200
    assert "é" in body(response).decode()
    assert b"http_status_code" in body(response)


def test_return_error_details_beside_data_that_are_no_utf_8() -> None:
    backends = (backend("/a", 0, return_error_details="a"), backend("/b", 1, encoding="string"))
    config = service(endpoint("/e", *backends))
    gateway = Gateway(config, Backend(by_target(a=answer("é".encode(), 404, []), b=answer(b"\xff"))))
    assert gateway.get().body == '{"content":"\\ufffd","error_a":{"http_status_code":404,"http_body":"é"}}'.encode()


# -- no-op


def test_no_op_passes_status_fields_and_body_and_adds_krakends() -> None:
    fields = [
        (b"content-type", b"text/x"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-krakend", b"Version other"),
        (b"connection", b"close, x-hop"),
        (b"x-hop", b"1"),
        (b"keep-alive", b"5"),
        (b"content-length", b"2"),
    ]
    config = service(endpoint("/e", backend(encoding="no-op"), output_encoding="no-op", cache_ttl_seconds=60))
    response = Gateway(config, Backend(answer(b"no", 404, fields))).get()
    assert (response.status, response.body) == (404, b"no")
    assert response.fields == [
        (b"x-krakend", b"Version 2.13.8"),
        (b"x-krakend-completed", b"false"),
        *fields[:4],
    ]
    assert response.from_backend == "GET http://backend:8000/back"


def test_no_op_endpoint_makes_its_backend_no_op() -> None:
    config = service(endpoint("/e", backend(encoding="json", allow=("x",)), output_encoding="no-op"))
    assert Gateway(config, Backend(answer(b"{broken", 500))).get().body == b"{broken"


def test_no_op_body_is_passed_on_as_it_arrives() -> None:
    stream = Body(length_bytes=5)
    config = service(endpoint("/e", output_encoding="no-op"))
    response = Gateway(config, Backend(answer(stream))).get()
    assert response.body is stream


def test_no_op_failure_is_500() -> None:
    gateway = Gateway(service(endpoint("/e", output_encoding="no-op")), Backend(lambda _: refused()))
    response = gateway.get()
    assert (response.status, response.body, completed(response)) == (500, b"", "false")


def test_no_op_timeout() -> None:
    gateway = Gateway(service(endpoint("/e", output_encoding="no-op")), Backend(lambda _: Signal()))
    fiber = gateway.start(request())
    gateway.pass_time(2.5)
    assert result(fiber).status == 500
    assert gateway.backend.aborted == 1


def test_no_op_with_concurrent_calls_passes_the_first_answer() -> None:
    answers = [Signal[UpstreamResponse]() for _ in range(3)]
    replies = iter(answers)
    config = service(endpoint("/e", output_encoding="no-op", concurrent_calls=3))
    gateway = Gateway(config, Backend(lambda _: next(replies)))
    fiber = gateway.start(request())
    answers[1].succeed(answer(b"second", 503))
    response = result(fiber)
    assert (response.status, response.body) == (503, b"second")
    assert gateway.backend.aborted == 2


def test_unknown_output_encoding_falls_back_to_the_backends() -> None:
    config = service(endpoint("/e", backend(encoding="no-op"), output_encoding="fast-json"))
    response = Gateway(config, Backend(answer(b"raw", 404))).get()
    assert (response.status, response.body) == (404, b"raw")


def test_dev_fwd_4_no_content_type_is_guessed() -> None:
    gateway = Gateway(service(endpoint("/e", output_encoding="no-op")), Backend(answer(b"<html>", fields=[])))
    assert field(gateway.get(), "content-type") == []


def test_dev_fwd_5_fields_of_a_no_op_backend_do_not_reach_a_rendered_response() -> None:
    config = endpoint("/e", backend(encoding="no-op"), static=StaticConfig("always", {"a": 1}))
    fields = [(b"content-length", b"3"), (b"content-type", b"text/x"), (b"x-b", b"1")]
    response = Gateway(service(config), Backend(answer(b"abc", fields=fields))).get()
    assert response.body == b'{"a":1}'
    assert field(response, "content-type") == ["application/json; charset=utf-8"]
    assert field(response, "x-b") == []


# -- several backends

TWO = (backend("/a", 0), backend("/b", 1))


def test_parts_are_merged_in_order_of_arrival() -> None:
    first, second = Signal[UpstreamResponse](), Signal[UpstreamResponse]()
    gateway = Gateway(service(endpoint("/e", *TWO, cache_ttl_seconds=9)), Backend(by_target(a=first, b=second)))
    fiber = gateway.start(request())
    second.succeed(answer(b'{"x":"b","b":1}'))
    first.succeed(answer(b'{"x":"a","a":1}'))
    response = result(fiber)
    assert response.body == b'{"a":1,"b":1,"x":"a"}'
    assert completed(response) == "true"
    assert field(response, "cache-control") == ["public, max-age=9"]
    assert len(gateway.timers) == 0


def test_partial_answer_is_200_not_completed_not_cached_and_logged() -> None:
    gateway = Gateway(
        service(endpoint("/e", *TWO, cache_ttl_seconds=9)), Backend(by_target(a=refused(), b=answer(b'{"b":1}')))
    )
    response = gateway.get()
    assert (response.status, response.body, completed(response)) == (200, b'{"b":1}', "false")
    assert field(response, "cache-control") == []
    assert len(gateway.log) == 1
    assert "connection refused" in gateway.log[0]


def test_all_parts_failing_is_500_with_texts_in_order_of_arrival() -> None:
    config = service(endpoint("/e", *TWO), router=SHOWN)
    response = Gateway(config, Backend(by_target(a=answer(status=404), b=answer(b"")))).get()
    assert response.status == 500
    assert response.body == b"invalid status code 404 [GET /a]: http://backend:8000/a\nEOF"


def test_merge_ends_at_85_percent_of_the_time() -> None:
    gateway = Gateway(
        service(endpoint("/e", *TWO, timeout_seconds=1.0)), Backend(by_target(a=Signal, b=answer(b'{"b":1}')))
    )
    fiber = gateway.start(request())
    gateway.pass_time(0.84)
    assert not fiber.done.settled
    gateway.pass_time(0.02)
    response = result(fiber)
    assert (response.status, response.body, completed(response)) == (200, b'{"b":1}', "false")
    assert gateway.log == ["[ENDPOINT: /e] context deadline exceeded"]
    assert len(gateway.timers) == 0


def test_status_of_a_failing_part_is_lost_in_a_merge() -> None:
    parts = (backend("/a", 0, return_error_code=True), backend("/b", 1))
    response = Gateway(service(endpoint("/e", *parts)), Backend(by_target(a=answer(status=404), b=refused()))).get()
    assert response.status == 500


def test_json_null_makes_a_merge_incomplete() -> None:
    gateway = Gateway(service(endpoint("/e", *TWO)), Backend(by_target(a=answer(b"null"), b=answer(b'{"b":1}'))))
    response = gateway.get()
    assert (response.body, completed(response)) == (b'{"b":1}', "false")


def test_endpoint_flatmap_runs_once_after_the_merge_unless_a_part_failed() -> None:
    ops = (FlatmapOp("move", ("a", "z")),)
    config = service(endpoint("/e", *TWO, flatmap=ops))
    good = Gateway(config, Backend(by_target(a=answer(b'{"a":1}'), b=answer(b'{"b":1}'))))
    assert good.get().body == b'{"b":1,"z":1}'
    partial = Gateway(config, Backend(by_target(a=answer(b'{"a":1}'), b=refused())))
    assert partial.get().body == b'{"a":1}'
    single = service(endpoint("/e", backend("/a"), flatmap=ops))
    assert Gateway(single, Backend(answer(b'{"a":1}'))).get().body == b'{"a":1}'


# -- sequence


def sequence(*patterns: str, **keys: Any) -> Any:
    backends = [backend(pattern, index) for index, pattern in enumerate(patterns)]
    return service(endpoint("/e", *backends, sequential=True, **keys), router=SHOWN)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("resp0_id", "7"),
        ("resp0_o.k", "deep"),
        ("resp0_n", "1.50"),
        ("resp0_l", "1,x,true"),
        ("resp0_none", ""),
        ("resp0_t", "true"),
        ("resp0_z", "%3Cnil%3E"),
        ("resp0_o", "map[k:deep]"),
        ("resp0_missing", "%7B%7B.Resp0_missing%7D%7D"),
        ("resp0_id.x", "%7B%7B.Resp0_id.x%7D%7D"),
        ("resp1_id", "%7B%7B.Resp1_id%7D%7D"),
        ("resp9_id", "%7B%7B.Resp9_id%7D%7D"),
    ],
)
def test_later_backends_use_what_earlier_ones_answered(variable: str, value: str) -> None:
    first = b'{"id":7,"o":{"k":"deep"},"n":1.50,"l":[1,"x",true],"none":[],"t":true,"z":null}'
    gateway = Gateway(sequence("/a", f"/v/{{{variable}}}/b"), Backend(by_target(a=answer(first), b=answer(b"{}"))))
    assert gateway.get().status == 200
    assert gateway.backend.targets == ["/a", f"/v/{value}/b"]


def test_group_is_part_of_the_variables_path() -> None:
    backends = (backend("/a", 0, group="g"), backend("/{resp0_g.id}/b", 1))
    gateway = Gateway(
        service(endpoint("/e", *backends, sequential=True)), Backend(by_target(a=answer(b'{"id":"x"}'), b=answer()))
    )
    gateway.get()
    assert gateway.backend.targets == ["/a", "/x/b"]


def test_first_failure_of_a_sequence_is_the_endpoints() -> None:
    gateway = Gateway(sequence("/a", "/b"), Backend(by_target(a=answer(status=404), b=answer())))
    response = gateway.get()
    assert (response.status, response.body) == (500, b"invalid status code 404 [GET /a]: http://backend:8000/a")
    assert gateway.backend.targets == ["/a"]


def test_later_failure_ends_a_sequence_with_what_there_is() -> None:
    gateway = Gateway(sequence("/a", "/b", "/c"), Backend(by_target(a=answer(), b=refused(), c=answer())))
    response = gateway.get()
    assert (response.status, response.body, completed(response)) == (200, b'{"a":1}', "false")
    assert gateway.backend.targets == ["/a", "/b"]


def test_incomplete_part_ends_a_sequence() -> None:
    backends = (backend("/a", 0, return_error_details="a"), backend("/b", 1))
    gateway = Gateway(service(endpoint("/e", *backends, sequential=True)), Backend(by_target(a=answer(status=500))))
    response = gateway.get()
    assert (response.status, completed(response)) == (200, "false")
    assert gateway.backend.targets == ["/a"]


def test_sequence_ends_at_85_percent_of_the_time() -> None:
    gateway = Gateway(sequence("/a", "/b", timeout_seconds=1.0), Backend(by_target(a=answer(b'{"a":1}'), b=Signal)))
    fiber = gateway.start(request())
    gateway.pass_time(0.9)
    response = result(fiber)
    assert (response.status, response.body, completed(response)) == (200, b'{"a":1}', "false")
    assert len(gateway.timers) == 0


def test_whole_body_of_a_no_op_part_can_be_propagated() -> None:
    backends = (backend("/a", 0, encoding="no-op"), backend("/b", 1))
    config = endpoint("/e", *backends, sequential=True, sequential_propagated_params=("resp0",))
    stream = Body()
    stream.feed(b"raw")
    stream.end()
    gateway = Gateway(service(config), Backend(by_target(a=answer(stream), b=answer(b'{"b":1}'))))
    assert gateway.get().body == b'{"b":1}'


# -- static, concurrent, shadow


@pytest.mark.parametrize(
    ("strategy", "replies", "status", "data", "done"),
    [
        ("always", (answer(b'{"a":1}'), answer(b'{"b":1}')), 200, {"a": 1, "b": 1, "s": 1}, "true"),
        ("always", (refused(), refused()), 200, {"s": 1}, "false"),
        ("success", (answer(b'{"a":1}'), answer(b'{"b":1}')), 200, {"a": 1, "b": 1, "s": 1}, "true"),
        ("success", (answer(b'{"a":1}'), refused()), 200, {"a": 1}, "false"),
        ("success", (refused(), refused()), 500, None, "false"),
        ("errored", (answer(b'{"a":1}'), answer(b'{"b":1}')), 200, {"a": 1, "b": 1}, "true"),
        ("errored", (answer(b'{"a":1}'), refused()), 200, {"a": 1, "s": 1}, "false"),
        ("errored", (refused(), refused()), 200, {"s": 1}, "false"),
        ("complete", (answer(b'{"a":1}'), answer(b'{"b":1}')), 200, {"a": 1, "b": 1, "s": 1}, "true"),
        ("complete", (answer(b'{"a":1}'), refused()), 200, {"a": 1}, "false"),
        ("incomplete", (answer(b'{"a":1}'), refused()), 200, {"a": 1, "s": 1}, "false"),
        ("incomplete", (answer(b'{"a":1}'), answer(b'{"b":1}')), 200, {"a": 1, "b": 1}, "true"),
        ("incomplete", (refused(), refused()), 200, {"s": 1}, "false"),
    ],
)
def test_static_strategies(strategy: Any, replies: tuple[Any, Any], status: int, data: Any, done: str) -> None:
    config = service(endpoint("/e", *TWO, static=StaticConfig(strategy, {"s": 1})))
    response = Gateway(config, Backend(by_target(a=replies[0], b=replies[1]))).get()
    assert response.status == status
    assert (json.loads(body(response)) if data else None) == data
    assert completed(response) == done


def test_static_numbers_go_through_float64_and_overwrite() -> None:
    static = StaticConfig("always", {"a": 1.0, "big": 1e21, "n": {"x.y": 42}})
    response = Gateway(service(endpoint("/e", static=static)), Backend(answer(b'{"a":9,"b":1.0}'))).get()
    assert response.body == b'{"a":1,"b":1.0,"big":1e+21,"n":{"x.y":42}}'


def test_static_data_is_not_shared_between_requests() -> None:
    gateway = Gateway(
        service(endpoint("/e", *TWO, static=StaticConfig("always", {"s": {}}))), Backend(lambda _: refused())
    )
    assert gateway.get().body == gateway.get().body == b'{"s":{}}'


def test_first_complete_of_concurrent_calls_wins_and_ends_the_others() -> None:
    answers = [Signal[UpstreamResponse]() for _ in range(3)]
    replies = iter(answers)
    gateway = Gateway(service(endpoint("/e", concurrent_calls=3)), Backend(lambda _: next(replies)))
    fiber = gateway.start(request())
    answers[0].succeed(answer(status=500))
    answers[2].succeed(answer(b'{"a":2}'))
    response = result(fiber)
    assert (response.body, completed(response)) == (b'{"a":2}', "true")
    assert gateway.log == []
    assert gateway.backend.aborted == 1
    assert len(gateway.timers) == 0


def test_concurrent_calls_end_at_75_percent_of_the_time() -> None:
    gateway = Gateway(service(endpoint("/e", concurrent_calls=2, timeout_seconds=1.0)), Backend(lambda _: Signal()))
    fiber = gateway.start(request())
    gateway.pass_time(0.74)
    assert not fiber.done.settled
    gateway.pass_time(0.02)
    assert result(fiber).status == 500


def test_without_a_complete_answer_the_last_incomplete_one_counts() -> None:
    config = service(endpoint("/e", backend(return_error_details="x"), concurrent_calls=2))
    replies = iter([answer(status=500), refused()])
    gateway = Gateway(config, Backend(lambda _: next(replies)))
    response = gateway.get()
    assert (response.status, completed(response)) == (200, "false")
    assert len(gateway.log) == 1


def test_shadows_get_the_request_and_nobody_waits_for_them() -> None:
    backends = (backend("/a", 0, method="POST"), backend("/shadow", 1, method="POST", shadow=True))
    never = Signal[UpstreamResponse]()
    gateway = Gateway(
        service(endpoint("/e", *backends, method="POST", timeout_seconds=1.0)),
        Backend(by_target(a=answer(), shadow=never)),
    )
    stream = Body()
    fiber = gateway.start(request("/e", "POST", body=stream, has_body=True))
    stream.feed(b"hello")
    stream.end()
    response = result(fiber)
    assert (response.body, completed(response)) == (b'{"a":1}', "true")
    assert sorted(gateway.backend.targets) == ["/a", "/shadow"]
    assert gateway.backend.bodies == [b"hello", b"hello"]
    gateway.pass_time(1.1)
    assert gateway.backend.aborted == 1
    assert gateway.log == []


def test_shadow_failures_are_nobodys_business() -> None:
    backends = (backend("/a", 0), backend("/shadow", 1, shadow=True))
    gateway = Gateway(service(endpoint("/e", *backends)), Backend(by_target(a=answer(), shadow=refused())))
    assert gateway.get().status == 200
    assert gateway.log == []


def test_shadow_goes_on_when_the_client_leaves() -> None:
    backends = (backend("/a", 0), backend("/shadow", 1, shadow=True, shadow_timeout_seconds=9.0))
    gateway = Gateway(service(endpoint("/e", *backends)), Backend(by_target(a=Signal, shadow=Signal)))
    gateway.start(request()).cancel()
    assert gateway.backend.aborted == 1


def test_endpoint_of_nothing_but_shadows_is_a_bare_500() -> None:
    response = Gateway(service(endpoint("/e", backend(shadow=True)))).get()
    assert (response.status, response.body, response.fields) == (500, b"", [])


# -- honest errors


@pytest.mark.parametrize(
    ("reply", "status", "output_encoding"),
    [
        (refused(), 502, "json"),
        (refused(), 502, "no-op"),
        (failed_call(FailureKind.TIMEOUT, b"GET", "u", "i/o timeout"), 504, "json"),
        (failed_call(FailureKind.TIMEOUT, b"GET", "u", "i/o timeout"), 504, "no-op"),
        (answer(status=500), 502, "json"),
        (answer(b"{bad"), 502, "json"),
    ],
)
def test_http_style_names_the_fault_with_an_id_that_is_in_the_log(
    reply: Any, status: int, output_encoding: str
) -> None:
    config = service(endpoint("/e", output_encoding=output_encoding), error_style="http")
    gateway = Gateway(config, Backend(lambda _: reply))
    response = gateway.get()
    assert response.status == status
    assert field(response, "content-type") == ["application/problem+json"]
    problem = json.loads(body(response))
    assert set(problem) == {"type", "title", "status", "error_id"}
    assert problem["status"] == status
    assert problem["error_id"] in gateway.log[0]


def test_http_style_tells_timeouts_and_missing_hosts() -> None:
    slow = Gateway(service(endpoint(), error_style="http"), Backend(lambda _: Signal()))
    fiber = slow.start(request())
    slow.pass_time(3)
    assert result(fiber).status == 504
    nobody = Gateway(service(endpoint("/e", backend(hosts=())), error_style="http", router=SHOWN))
    response = nobody.get()
    assert response.status == 503
    assert json.loads(body(response))["detail"] == "no hosts available"


def test_http_style_of_a_merge_is_the_gravest_fault() -> None:
    gateway = Gateway(service(endpoint("/e", *TWO), error_style="http"), Backend(by_target(a=refused(), b=Signal)))
    fiber = gateway.start(request())
    gateway.pass_time(2)
    assert result(fiber).status == 504


# -- bodies on their way


class Client:
    """Reads a response's body; may stop reading."""

    def __init__(self) -> None:
        self.received = b""
        self.over: Any = None

    def feed(self, data: bytes) -> None:
        self.received += data

    def end(self) -> None:
        self.over = "whole"

    def fail(self, error: Exception) -> None:
        self.over = error


@pytest.mark.parametrize("keys", [{}, {"concurrent_calls": 2}])
def test_dev_time_1_silence_ends_a_body_and_nothing_else_does(keys: dict[str, Any]) -> None:
    abandoned: list[int] = []
    stream = Body(on_abandon=lambda: abandoned.append(1))
    config = service(endpoint("/e", output_encoding="no-op", timeout_seconds=2.0, **keys))
    replies = iter([answer(stream), answer(b"")])
    gateway = Gateway(config, Backend(lambda _: next(replies)))
    response = gateway.get()
    client = Client()
    assert isinstance(response.body, Body)
    response.body.stream_to(client)
    for _ in range(10):
        stream.feed(b"x")
        gateway.pass_time(1.5)
    assert client.over is None
    response.body.pause()
    gateway.pass_time(60)
    assert client.over is None  # a slow client is not the backend's silence
    response.body.resume()
    gateway.pass_time(4.5)
    assert str(client.over) == "context deadline exceeded"
    assert client.received == b"x" * 10
    assert abandoned == [1]
    assert len(gateway.timers) == 0


def test_body_that_ends_is_no_longer_watched() -> None:
    stream = Body()
    gateway = Gateway(service(endpoint("/e", output_encoding="no-op", timeout_seconds=3600.0)), Backend(answer(stream)))
    response = gateway.get()
    assert response.body is stream
    stream.end()
    gateway.pass_time(1.1)
    assert len(gateway.timers) == 0
