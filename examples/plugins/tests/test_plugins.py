"""What a plugin gets are plain values: it is tested without a gateway."""

import asyncio

from acme_plugins.redact import Redact
from acme_plugins.sign_calls import SignCalls
from acme_plugins.tenants import Tenants

from crossgate.plugins import Answer, Request, Response, Setup


def setup(**config):
    return Setup("plugin", config, {"plugin": config})


def test_known_tenants_come_in():
    plugin = Tenants(setup(tenants={"k-1": "blue"}))
    request = Request("GET", "/people", {"X-Api-Key": "k-1"})
    assert plugin.gate(request) is None
    assert request.headers["X-Tenant"] == "blue"
    assert plugin.gate(Request("GET", "/people")).status == 401


def test_fields_are_redacted_at_any_depth():
    answer = Answer({"people": [{"name": "Ann", "password": "x"}], "password": "y"})
    Redact(setup(fields=["password"])).modify_response(answer)
    assert answer.data == {"people": [{"name": "Ann"}]}


def test_calls_are_signed(monkeypatch):
    monkeypatch.setenv("KEY", "secret")
    sent = []

    async def send(request):
        sent.append(request)
        return Response(201)

    request = Request("POST", "/orders", body=b"{}")
    assert asyncio.run(SignCalls(setup(key_env="KEY")).execute(request, send)).status == 201
    assert len(sent[0].headers["X-Signature"]) == 64
