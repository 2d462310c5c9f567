"""What calls are made of, in one pass, beside the same said field by field: the quick way is the slow one."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.config.model import RouterConfig
from crossgate.golang.url import encode_query, is_encoded, parse_query
from crossgate.http.field_lines import FieldLines
from crossgate.http.message import Request
from crossgate.http.split_fields import split_fields
from crossgate.pipeline.call_lines import CallLines
from crossgate.pipeline.client_ip import build_client_ip, names_of_clients
from crossgate.pipeline.forward import ACCEPT_GZIP, BackendForwarding, EndpointForwarding
from crossgate.plan import Identity

IDENTITY = Identity.krakend("2.13.8")
# Content-Length, Expect and Host are the transport's.
LINES = FieldLines(frozenset((b"content-length", b"expect", b"host")))
_NAMES = """X-One x-two X-ONE Content-Type Content-Length Cookie Authorization User-Agent user-agent Accept Range Close
Accept-Encoding X-Forwarded-For X-Forwarded-Host X-Forwarded-Via X-Real-IP Forwarded Host Connection connection TE
Upgrade Trailer Transfer-Encoding Proxy-Authorization Proxy-Connection Keep-Alive Expect Origin x_one b.c ~ 1"""
NAMES = _NAMES.split()
CHOSEN = st.lists(st.sampled_from([*NAMES, "*"]), max_size=6, unique=True)
_VALUES = """|1|two|203.0.113.7|10.0.0.1, 203.0.113.9|nobody|gzip|br|keep-alive|close|Close|x-one|X-Two, close
keep-alive, user-agent|upgrade|Host, X-Forwarded-For|bytes=0-1|\xe9|a: b"""
VALUES = st.sampled_from(_VALUES.replace("\n", "|").split("|"))
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8)
ROUTERS = st.builds(
    lambda forwarded, trusted, names, engine: RouterConfig(
        forwarded_by_client_ip=forwarded, trusted_proxies=trusted, remote_ip_headers=names, app_engine=engine
    ),
    st.booleans(),
    st.sampled_from([("0.0.0.0/0", "::/0"), ("127.0.0.1",), ()]),
    st.sampled_from([("X-Forwarded-For", "X-Real-IP"), ("Forwarded",), ()]),
    st.booleans(),
)


def request_of(fields: list[tuple[str, str]]) -> Request:
    """As the server makes it of the bytes of a head."""
    head = b"".join(f"\r\n{name}: {value}".encode("latin-1") for name, value in fields)
    read = split_fields(head)
    assert read is not None
    return Request(b"GET", b"/", None, read, host=b"gateway.example", peer_host="127.0.0.1")


@settings(max_examples=1500)
@given(
    CHOSEN,
    st.none() | CHOSEN,
    st.booleans(),
    ROUTERS,
    st.lists(FIELDS, min_size=1, max_size=3),
)
@example(["*"], None, True, RouterConfig(), [[("Connection", "close"), ("Close", "1")]])
@example(["Close"], None, True, RouterConfig(), [[("Connection", "close"), ("Close", "1")]])
def test_lines_in_one_pass_are_those_said_field_by_field(
    endpoint_names: list[str],
    backend_names: list[str] | None,
    accept_gzip: bool,
    router: RouterConfig,
    requests: list[list[tuple[str, str]]],
) -> None:
    endpoint = EndpointForwarding(endpoint_names, (), identity=IDENTITY, client_ip=build_client_ip(router))
    backend = BackendForwarding(backend_names, None, identity=IDENTITY, accept_gzip=accept_gzip, endpoint=endpoint)
    calls = CallLines(endpoint, backend, names_of_clients(router))
    for fields in requests:  # what is remembered of one changes nothing about the next
        request = request_of(fields)
        chosen, undoes_gzip = backend.fields(endpoint.fields(request))
        assert not undoes_gzip or chosen[-1] == ACCEPT_GZIP
        assert calls.render(request) == (LINES.render(chosen), undoes_gzip)


QUERY_TEXT = st.text("ab&=%+;.~-_ 2F/é\xff", max_size=12).map(lambda text: text.encode("latin-1"))
PAIRS = st.lists(st.tuples(st.text("abAB.~-_19 é", max_size=3), st.text("ab1.~-_ &é", max_size=3)), max_size=4)


@settings(max_examples=1000)
@given(QUERY_TEXT)
@example(b"")
@example(b"a=1&a=0")
@example(b"a=\n")
@example("é=1".encode())
def test_query_that_is_encoded_is_its_own_encoding(query: bytes) -> None:
    if is_encoded(query):
        assert encode_query(parse_query(query)) == query


@settings(max_examples=500)
@given(PAIRS)
def test_encoding_is_stable(pairs: list[tuple[str, str]]) -> None:
    values: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        values.setdefault(name.encode(), []).append(value.encode())
    query = encode_query(values)
    assert parse_query(query) == values
    assert encode_query(parse_query(query)) == query
    plain = not query or b"%" in query or b"+" in query or query.startswith(b"=") or b"&=" in query
    assert is_encoded(query) or plain  # what browsers send most is recognised
