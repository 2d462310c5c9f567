"""Read from the source: wherever the gateway makes an answer that may refuse, or ends a connection, it says why."""

import ast
from pathlib import Path

import pytest

import crossgate

SOURCE = Path(crossgate.__file__).parent
MESSAGES = "crossgate.http.message"
NO_GATEWAYS = ("cli/", "demo/", "probe/", "testing/", "components/scraping/reader", "components/jwt/revoker_service")
"""Other servers and clients, which answer to nobody's requests but their own."""
ANSWERING = ("components/", "pipeline/", "lua/", "server/")
MAY_REFUSE_BARE = {
    ("components/http_cache/store.py", "answer"): "what a backend answered",
    ("server/exchange.py", "begin"): "a preflight is answered 200 or 204",
}
MAY_SET_STATUS = {
    ("components/martian/bodies.py", "on_response"): "compared with what it was by martian/client.py",
    ("components/martian/heads.py", "on_response"): "compared with what it was by martian/client.py",
    ("lua/api.py", "status_code"): "compared with what it was by components/lua/responses.py",
}
MAY_END = {
    ("server/connection.py", "data_received"): "its last response has been written",
    ("server/connection.py", "break_off"): "what ends it",
    ("server/connection.py", "cut_off"): "says why first",
    ("server/exchange.py", "cancel"): "the client has ended it",
    ("server/outgoing.py", "_break_off"): "says why first",
    ("server/serve.py", "_turn_away"): "no request has come on it; a metric counts them",
}
"""By file and function, where it is right not to say why, and why that is."""


def functions_of(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def own_nodes(function: ast.AST) -> list[ast.AST]:
    """The nodes of a function, but for those of functions in it."""
    found: list[ast.AST] = []
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [node, *own_nodes(node)]
    return found


def messages_made(tree: ast.Module, place: str) -> set[str]:
    """The names by which a module makes responses, of the gateway or of backends."""
    wanted = {"Response", "UpstreamResponse"}
    if place == "http/message.py":
        return wanted
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == MESSAGES
        for alias in node.names
        if alias.name in wanted
    }


def is_bare(node: ast.AST, made: set[str]) -> bool:
    """Whether a call makes a response whose status may be of failure, without a reason."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in made):
        return False
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    status = node.args[0] if node.args else keywords.get("status")
    is_success = isinstance(status, ast.Constant) and isinstance(status.value, int) and status.value < 400
    return not is_success and "reason" not in keywords


def sets(nodes: list[ast.AST], name: str) -> bool:
    return any(isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store) and one.attr == name for one in nodes)


def ends(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("abort", "break_off")
    )


def faults_of(text: str, place: str) -> list[tuple[str, str, str]]:
    """File, function and what is wrong there."""
    tree = ast.parse(text)
    made = messages_made(tree, place)
    found = []
    in_functions: set[ast.AST] = set()
    for function in functions_of(tree):
        nodes = own_nodes(function)
        in_functions.update(nodes)
        where = (place, function.name)
        if any(is_bare(node, made) for node in nodes) and where not in MAY_REFUSE_BARE:
            found.append((*where, "a response without a reason"))
        is_bare_status = sets(nodes, "status") and not sets(nodes, "reason") and function.name != "__init__"
        if is_bare_status and place.startswith(ANSWERING) and where not in MAY_SET_STATUS:
            found.append((*where, "a status is set, and no reason"))
        if place.startswith("server/") and any(map(ends, nodes)) and where not in MAY_END:
            found.append((*where, "a connection is ended without a reason: use cut_off"))
    if any(is_bare(node, made) for node in ast.walk(tree) if node not in in_functions):
        found.append((place, "", "a response without a reason"))
    return found


def test_all_of_the_gateway_says_why():
    found = [
        fault
        for path in SOURCE.rglob("*.py")
        if not (place := path.relative_to(SOURCE).as_posix()).startswith(NO_GATEWAYS)
        for fault in faults_of(path.read_text(encoding="utf-8"), place)
    ]
    assert found == []


def test_what_is_excused_is_still_there():
    for place, name in (*MAY_REFUSE_BARE, *MAY_SET_STATUS, *MAY_END):
        tree = ast.parse((SOURCE / place).read_text(encoding="utf-8"))
        assert name in [function.name for function in functions_of(tree)], (place, name)


HEAD = "from crossgate.http.message import Response, UpstreamResponse as Answered\n"


@pytest.mark.parametrize(
    "body",
    [
        "def f(): return Response(403)",
        "def f(): return Response(status=403)",
        "def f(status): return Response(status, [], b'no')",
        "def f(bad): return Response(503 if bad else 200)",
        "async def f(): return Answered(502, [], b'')",
        "def f(x):\n  def g(): return Response(404)\n  return g",
        "REFUSED = Response(403)",
        "def f(response): response.status = 403",
        "class C:\n  def f(self, response): response.status = self.status",
    ],
)
def test_new_refusal_without_a_reason_is_found(body):
    assert faults_of(HEAD + body, "components/new/gate.py") != []


@pytest.mark.parametrize("body", ["def f(c): c.break_off()", "def f(c): c._transport.abort()"])
def test_new_end_of_a_connection_without_a_reason_is_found(body):
    assert faults_of(body, "server/new.py") != []


@pytest.mark.parametrize(
    "body",
    [
        "def f(why): return Response(403, reason=why)",
        "def f(): return Response(200)",
        "def f(status, why): return Answered(status, [], b'', reason=why)",
        "def f(response, why):\n  response.status = 403\n  response.reason = why",
    ],
)
def test_answers_with_reasons_are_none_of_these(body):
    assert faults_of(HEAD + body, "components/new/gate.py") == []
