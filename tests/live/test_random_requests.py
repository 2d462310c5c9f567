"""Random requests to a gateway with guards of every kind: log, response and `crossgate explain` agree on each."""

import argparse
import json
import os
import random
import shlex
import socket
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.testing_places import cors_place
from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.explain.asked import AskedRequest
from crossgate.explain.explainer import Explainer
from crossgate.explain.explanation import Explanation
from tests.support.children import free_port
from tests.support.guarded_gateway import REVOKED, Sent, configuration, request, with_revoked_token, written
from tests.support.process import PATIENCE_SECONDS, gateway
from tests.support.raw_answer import answer_to
from tests.support.scripted_backend import scripted_backend

REVOKERS_TOKEN = "a token for those who revoke, in tests"
MANY = int(os.environ.get("CROSSGATE_REQUESTS", "150"))
BACKEND = {
    "/passed": {"status": 404, "reason": "Not Found", "body": "the backend's own"},
    "/switches": {"raw": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
}
PARSER = argparse.ArgumentParser()
add_request_arguments(PARSER)


def asked_by(*arguments: str) -> list[AskedRequest]:
    return read_requests(PARSER.parse_args(arguments), base_url="http://localhost:8080")


def ask(port: int, sent: Sent) -> tuple[int, str | None]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        data = sent.rendered()
        connection.sendall(data)
        return answer_to(data, connection)


def revoke(port: int) -> None:
    body = json.dumps({"key": "jti", "value": REVOKED}).encode()
    fields = {"Authorization": f"Bearer {REVOKERS_TOKEN}"}
    asking = urllib.request.Request(f"http://127.0.0.1:{port}/revocations", body, fields)
    with urllib.request.urlopen(asking) as response:
        assert response.status == 204


def agree(places: list[str], *, with_log: bool) -> bool:
    """Whether all forms of a request name one place. A log may know less, but nothing else."""
    if with_log:
        return places[0].startswith(places[-1]) and agree(places[:-1], with_log=False)
    return len(set(places)) == 1


@pytest.mark.parametrize("form", ["version 3", "version 2", "template"])
def test_log_response_and_explanations_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    environ: dict[str, str] = {}
    revoking = free_port()
    if form == "template":
        environ = {"FC_ENABLE": "1", "FC_PARTIALS": str(tmp_path / "partials")}
    monkeypatch.chdir(tmp_path)
    rng = random.Random(f"{form} {os.environ.get('CROSSGATE_RANDOM')}")
    with scripted_backend(BACKEND) as behind:
        tree = configuration(behind.authority)
        tree["extra_config"] |= {
            "crossgate/log": {"access": "json", "file": "access.log"},
            "crossgate/explain": {"loopback_only": True},
            "auth/revoker": {"N": 10, "P": 1e-7, "hash_name": "optimal", "TTL": 3600, "token_keys": ["jti"]},
            "crossgate/revoker": {"listen": f"127.0.0.1:{revoking}", "token_file": "revoker.token"},
        }
        (tmp_path / "revoker.token").write_text(REVOKERS_TOKEN)
        path = written(tmp_path, tree, form)
        all_sent = [*(request(rng) for _ in range(MANY)), with_revoked_token()]
        for number, sent in enumerate(all_sent):
            sent.fields.append(("X-Request-Id", f"request-{number}"))
        with gateway(path, environ=environ) as running:
            revoke(revoking)
            answers = [ask(running.port, sent) for sent in all_sent]
            running.stop()
    lines = [json.loads(line) for line in (tmp_path / "access.log").read_text().splitlines()]
    assert len(lines) == len(all_sent)
    (tmp_path / "all.har").write_text(json.dumps({"log": {"entries": [sent.entry() for sent in all_sent[:200]]}}))
    of_har = asked_by("--har", "all.har")
    wrong: list[Any] = []
    loaded = load_file(str(path), environ={**os.environ, **environ}, serving=False, components=all_components())
    assert loaded.config is not None, loaded.diagnostics
    assert loaded.document is not None
    with Explainer(
        loaded, loaded.config, loaded.document, all_components(), os.environ, time.time(), None, cors_place
    ) as explainer:
        for number, (sent, answer, line) in enumerate(zip(all_sent, answers, lines, strict=True)):
            said = (line["status"], line["reason"])
            places = []
            if answer != (said[0], said[1] or None):
                wrong.append(("response", said, answer, sent))
            forms = {"curl": asked_by("--from-curl", shlex.join(sent.curl()))[0]}
            if number < len(of_har) and sent.target.startswith("/"):  # a HAR has URLs
                forms["HAR"] = of_har[number]
            if line["request_id"] == f"request-{number}":
                forms["log"] = asked_by("--request-id", f"request-{number}", "--log", "access.log")[0]
            explained: dict[AskedRequest, Explanation] = {}
            for name, asked in forms.items():
                same = replace(asked, at_seconds=None, notes=())  # some forms of a request mostly say the same of it
                found = explained.get(same) or explainer.explain(asked)
                explained[same] = found
                if said[1] == "token.revoked" and name != "log":  # who was revoked is in no file
                    ends = {code for end, _ in found.unless for code in end.reasons}
                    if said[1] not in ends:
                        wrong.append((name, said, found.reason, sent))
                    continue
                if said[1].startswith("upstream.") and name != "log":  # what backends answer is not known before
                    ends = {code for end, _ in found.unless for code in end.reasons}
                    if said[1] not in ends or found.reason.partition(".")[0] not in ("", "cors"):
                        wrong.append((name, said, found.reason, sent))
                    continue
                places.append(found.path)
                status = found.status or said[0]
                if (status, found.reason) != said:
                    wrong.append((name, said, (found.status, found.reason), sent))
            if said[1] and len(places) > 1 and not agree(places, with_log="log" in forms):
                wrong.append(("place", said, places, sent))
    assert wrong == [], "\n".join(map(str, wrong))
    assert lines[-1]["reason"] == "token.revoked"
