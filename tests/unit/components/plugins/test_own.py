"""KrakenD's own plugins: what they let through, where they lead, and what cannot be made of them."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from crossgate.components.plugins.own.ip_filter import IpFilter
from crossgate.components.plugins.own.response_schema import ResponseSchemaValidator
from crossgate.components.plugins.own.static_filesystem import StaticFilesystem
from crossgate.components.plugins.own.url_rewrite import UrlRewrite
from crossgate.components.plugins.own.virtualhost import VirtualHost
from crossgate.plugins import Answer, Refusal, Request, Response, Setup


def setup(config: dict[str, Any], place: Any = "service") -> Setup:
    return Setup("x", config, {"x": config}, place)


# -- ip-filter


def lets_in(config: dict[str, Any], peer: str, *fields: tuple[str, str]) -> bool:
    request = Request(headers=fields, peer_ip=peer)
    refused = IpFilter(setup(config)).gate(request)
    assert refused is None or refused.status == 403
    return refused is None


ALLOW = {"CIDR": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"], "allow": True}
DENY = {"CIDR": ["203.0.113.0/24"], "allow": False}
BEHIND = {"trusted_proxies": ["172.16.0.0/12"]}


@pytest.mark.parametrize(
    ("config", "peer", "fields", "expected"),
    [
        (ALLOW, "10.1.2.3", (), True),
        (ALLOW, "::ffff:10.1.2.3", (), True),
        (ALLOW, "2001:db8::1", (), True),
        (ALLOW, "192.0.2.7", (), True),
        (ALLOW, "192.0.2.8", (), False),
        (ALLOW, "", (), False),
        (ALLOW, "nonsense", (), False),
        # whoever is not trusted names nobody
        (ALLOW, "192.0.2.8", (("X-Forwarded-For", "10.1.2.3"),), False),
        (ALLOW, "192.0.2.8", (("X-Real-IP", "10.1.2.3"),), False),
        (DENY, "203.0.113.5", (("X-Forwarded-For", "198.51.100.1"),), False),
        (DENY, "198.51.100.1", (), True),
        (DENY, "198.51.100.1", (("X-Forwarded-For", "203.0.113.5"),), False),
        (DENY, "198.51.100.1", (("X-Forwarded-For", "198.51.100.2"), ("X-Forwarded-For", "203.0.113.5")), False),
        (DENY, "", (), False),
        # networks written as mapped ones
        ({"CIDR": ["::ffff:203.0.113.0/120"], "allow": False}, "203.0.113.5", (), False),
        ({"CIDR": ["::ffff:203.0.113.5"], "allow": False}, "::ffff:203.0.113.5", (), False),
        ({"CIDR": ["::ffff:10.0.0.0/104"], "allow": True}, "10.1.2.3", (), True),
        ({"CIDR": ["::ffff:10.0.0.0/104"], "allow": True}, "192.0.2.8", (), False),
        # however an address is written
        (DENY, "::FFFF:CB00:7105", (), False),
        (DENY, "198.51.100.1", (("X-Forwarded-For", "203.0.113.5:4711"),), False),
        (DENY, "198.51.100.1", (("X-Forwarded-For", "[::ffff:203.0.113.5]:4711"),), False),
        (DENY, "198.51.100.1", (("X-Forwarded-For", "198.51.100.7:4711"),), True),
        ({"CIDR": ["fe80::/10"], "allow": True}, "fe80::1%eth0", (), True),
        ({"CIDR": ["fe80::/10"], "allow": False}, "FE80:0:0::1%eth0", (), False),
        ({**ALLOW, **BEHIND}, "::ffff:172.16.0.1", (("X-Forwarded-For", "10.1.2.3:99"),), True),
        ({**ALLOW, "trusted_proxies": ["::ffff:172.16.0.0/108"]}, "172.16.0.1", (("X-Real-IP", "2001:DB8::9"),), True),
        # trusted proxies
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "10.1.2.3"),), True),
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "10.1.2.3, 192.0.2.8"),), False),
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "192.0.2.8, 10.1.2.3, 172.16.0.9"),), True),
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "10.1.2.3"), ("X-Forwarded-For", "192.0.2.8")), False),
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "what"),), False),
        ({**ALLOW, **BEHIND}, "172.16.0.1", (("X-Real-IP", "10.1.2.3"),), True),
        ({**ALLOW, **BEHIND}, "192.0.2.8", (("X-Forwarded-For", "10.1.2.3"),), False),
        ({**DENY, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "203.0.113.5"),), False),
        ({**DENY, **BEHIND}, "172.16.0.1", (("X-Forwarded-For", "what"),), False),
        ({**DENY, **BEHIND}, "172.16.0.1", (), True),
        (
            {**ALLOW, **BEHIND, "client_ip_headers": ["CF-Connecting-IP"]},
            "172.16.0.1",
            (("X-Forwarded-For", "10.1.2.3"), ("CF-Connecting-IP", "192.0.2.8")),
            False,
        ),
    ],
)
def test_who_comes_in(config: dict[str, Any], peer: str, fields: tuple[tuple[str, str], ...], expected: bool) -> None:
    """DEV-PLUGIN-5."""
    assert lets_in(config, peer, *fields) is expected


def test_before_an_endpoint_it_refuses_by_a_refusal() -> None:
    with pytest.raises(Refusal) as refused:
        IpFilter(setup(ALLOW)).modify_request(Request(peer_ip="192.0.2.8"))
    assert refused.value.status == 403


# -- static-filesystem


@pytest.fixture
def files(tmp_path: Path) -> Path:
    root = tmp_path / "www"
    (root / "sub").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / ".git").mkdir()
    (root / "a.html").write_text("<p>a</p>")
    (root / "data.bin").write_bytes(bytes(range(100)))
    (root / "sub/index.html").write_text("sub")
    (root / "with space.json").write_text("{}")
    (root / ".secret").write_text("hidden")
    (root / ".git/config").write_text("hidden")
    (tmp_path / "outside.txt").write_text("outside")
    (root / "link").symlink_to(tmp_path / "outside.txt")
    (root / "up").symlink_to(tmp_path)
    (root / "inside").symlink_to(root / "a.html")
    (root / "circle").symlink_to(root / "circle")
    os.mkfifo(root / "pipe")
    return root


def fetch(root: Path, target: str, method: str = "GET", **headers: str) -> Response | None:
    plugin = StaticFilesystem(setup({"path": str(root), "prefix": "/files", "skip": ["/files/api"]}))
    request = Request(method, target, {name.replace("_", "-"): value for name, value in headers.items()})
    found = plugin.gate(request)
    return None if found is None else asyncio.run(found)  # type: ignore[arg-type] # a coroutine


def got(root: Path, target: str, method: str = "GET", **headers: str) -> Response:
    found = fetch(root, target, method, **headers)
    assert found is not None
    return found


def test_files_have_their_types_and_validators(files: Path) -> None:
    page = got(files, "/files/a.html?v=1")
    assert (page.status, page.body, page.headers["Content-Type"]) == (200, b"<p>a</p>", "text/html; charset=utf-8")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert got(files, "/files/with%20space.json").headers["Content-Type"] == "application/json; charset=utf-8"
    assert got(files, "/files/data.bin").headers["Content-Type"] == "application/octet-stream"
    assert got(files, "/files/inside").body == b"<p>a</p>"


@pytest.mark.parametrize(
    "path",
    [
        "/files/../outside.txt",
        "/files/sub/../../outside.txt",
        "/files/%2e%2e/outside.txt",
        "/files/..%2foutside.txt",
        "/files/sub%2f..%2f..%2foutside.txt",
        "/files/..%5coutside.txt",
        "/files/..\\outside.txt",
        "/files//etc/passwd",
        "/files/link",
        "/files/up/outside.txt",
        "/files/circle",
        "/files/.secret",
        "/files/.git/config",
        "/files/sub/../.secret",
        "/files/a.html%00.txt",
        "/files/a.html/",
        "/files/pipe",
        "/files/empty/",
        "/files/empty",
        "/files/none",
        "/files/%ff",
        "/files/" + "a" * 5000,
        "/files/" + "a/" * 3000,
    ],
)
def test_nothing_but_the_folders_own_visible_files_is_served(files: Path, path: str) -> None:
    """DEV-PLUGIN-5."""
    found = got(files, path)
    assert (found.status, found.body) == (404, b"")


def test_hidden_files_are_served_where_that_is_asked_for(files: Path) -> None:
    config = {"path": str(files), "prefix": "/", "hidden_files": True}
    found = asyncio.run(StaticFilesystem(setup(config)).execute(Request(target="/.secret"), None))  # type: ignore[arg-type]
    assert found.body == b"hidden"


def test_what_is_not_under_the_prefix_or_is_skipped_passes(files: Path) -> None:
    assert fetch(files, "/other") is None
    assert fetch(files, "/files/api/x") is None
    assert fetch(files, "/files/%61pi/x") is None
    assert fetch(files, "/files//api/x") is None


def test_a_directory_has_its_index_and_leads_nowhere_else(files: Path) -> None:
    assert got(files, "/files/sub/").body == b"sub"
    moved = got(files, "/files/sub?x=1")
    assert (moved.status, moved.headers["Location"]) == (301, "./sub/?x=1")
    assert got(files, "/files//evil.example/..//sub").status == 404


def test_conditional_requests_and_ranges(files: Path) -> None:
    first = got(files, "/files/data.bin")
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert got(files, "/files/data.bin", If_None_Match=f'"x", W/{tag}').status == 304
    assert got(files, "/files/data.bin", If_None_Match='"x"', If_Modified_Since=date).status == 200
    assert got(files, "/files/data.bin", If_Modified_Since=date).status == 304
    assert got(files, "/files/data.bin", If_Modified_Since="soon").status == 200
    part = got(files, "/files/data.bin", Range="bytes=10-19")
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, bytes(range(10, 20)), "bytes 10-19/100")
    assert got(files, "/files/data.bin", Range="bytes=-5").body == bytes(range(95, 100))
    assert got(files, "/files/data.bin", Range="bytes=90-").body == bytes(range(90, 100))
    assert got(files, "/files/data.bin", Range="bytes=100-").status == 416
    assert got(files, "/files/data.bin", Range="bytes=-0").status == 416
    for whole in ("bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=-", "bytes=" + "9" * 30 + "-"):
        assert got(files, "/files/data.bin", Range=whole).status == 200
    assert got(files, "/files/data.bin", Range="bytes=0-0", If_Range='"old"').status == 200
    assert got(files, "/files/data.bin", Range="bytes=0-0", If_Range=tag).status == 206
    assert got(files, "/files/a.html", "POST").status == 405


# -- url-rewrite and virtualhost


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/hi-there", "/hello"),
        ("/hi%2Dthere", "/hello"),
        ("/hi-there/", None),
        ("/hi-there/ann/bar", "/hello/ann"),
        ("/whats/up/x%20y", "/hey/x%20y/whatsup"),
        ("/both/1/2", "/2/1$"),
        ("/other", None),
    ],
)
def test_where_a_rewrite_leads(path: str, expected: str | None) -> None:
    config = {
        "literal": {"/hi-there": "/hello", "/whatsup": "/hello"},
        "regexp": [
            [r"^/hi-there/([\w\d\s]+)/bar$", "/hello/${1}"],
            [r"/whats/up/([\w\d\s]+)", "/hey/${1}/whatsup"],
            [r"^/both/(\d)/(?P<b>\d)$", "/$b/$1$$"],
        ],
    }
    assert UrlRewrite(setup(config)).rewrite(Request(target=path)) == expected


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("a.example", "/foo", "/__virtual/a/foo"),
        ("A.EXAMPLE:443", "/foo", "/__virtual/a/foo"),
        ("a.example:8080", "/foo", None),
        ("b.example", "/foo", None),
        ("b.example", "/__virtual/a/foo", "/__virtual/-"),
        ("b.example", "//__VIRTUAL/a/foo", "/__virtual/-"),
        ("b.example", "/%5f_virtual/a/foo", "/__virtual/-"),
        ("a.example", "/__virtual/a/foo", "/__virtual/a/__virtual/a/foo"),
    ],
)
def test_where_a_host_leads(host: str, path: str, expected: str | None) -> None:
    """DEV-PLUGIN-5."""
    plugin = VirtualHost(setup({"aliased_hosts": {"a": "a.example"}}))
    assert plugin.rewrite(Request(target=path, host=host)) == expected


# -- response-schema-validator

SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "price": {"type": "number"}}}


def test_an_answer_that_does_not_fit_is_refused() -> None:
    plugin = ResponseSchemaValidator(setup({"schema": SCHEMA, "error": {"status": 401, "body": "try again"}}))
    plugin.modify_response(Answer({"id": 1, "price": 1.5}))
    with pytest.raises(Refusal, match="try again") as refused:
        plugin.modify_response(Answer({"id": "x"}))
    assert refused.value.status == 401
    with pytest.raises(Refusal, match="required"):
        ResponseSchemaValidator(setup({"schema": SCHEMA})).modify_response(Answer({}))


# -- what cannot be made


@pytest.mark.parametrize(
    ("factory", "config"),
    [
        (IpFilter, {}),
        (IpFilter, {"CIDR": "10.0.0.0/8", "allow": True}),
        (IpFilter, {"CIDR": ["10.0.0.0/80"], "allow": True}),
        (IpFilter, {"CIDR": ["10.0.0.0/8"], "allow": "true"}),
        (IpFilter, {"CIDR": ["10.0.0.0/8"], "allows": True}),
        (IpFilter, {"CIDR": ["10.0.0.0/8"], "trusted_proxies": ["proxy"]}),
        (StaticFilesystem, {"path": "/no/such/folder", "prefix": "/"}),
        (StaticFilesystem, {"path": "/tmp"}),
        (UrlRewrite, {}),
        (UrlRewrite, {"literal": {"/a": 1}}),
        (UrlRewrite, {"regexp": [["(", "/a"]]}),
        (UrlRewrite, {"regexp": ["/a"]}),
        (VirtualHost, {}),
        (VirtualHost, {"hosts": ["a"], "aliased_hosts": {"b": "c"}}),
        (ResponseSchemaValidator, {}),
        (ResponseSchemaValidator, {"schema": {"type": "objekt"}}),
        (ResponseSchemaValidator, {"schema": {}, "error": {"status": "500"}}),
        (ResponseSchemaValidator, {"schema": {}, "error": {"status": 99}}),
    ],
)
def test_a_configuration_that_cannot_be_right_is_refused(factory: Any, config: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        factory(setup(config))
