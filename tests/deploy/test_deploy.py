"""What `deploy/` ships, as far as it can be tried without a cluster, a container engine or systemd at work."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from crossgate.config import load_text
from tests.support.process import PATIENCE_SECONDS, gateway

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))}
SERVED = json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_units_are_what_systemd_takes(tmp_path):
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace("/opt/crossgate/bin/crossgate", sys.executable)
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "crossgate" in line] == []


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_what_kubernetes_takes(name):
    version = kubernetes_validate.latest_version()
    assert kubernetes_validate.validate(MANIFESTS[name], version, strict=True)


def test_the_manifests_are_about_one_another():
    deployment = MANIFESTS["deployment"]["spec"]
    pod = deployment["template"]
    labels = pod["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == labels
    assert MANIFESTS["service"]["spec"]["selector"] == labels
    assert MANIFESTS["pod-disruption-budget"]["spec"]["selector"]["matchLabels"] == labels
    target = MANIFESTS["horizontal-pod-autoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", MANIFESTS["deployment"]["metadata"]["name"])
    assert "replicas" not in deployment  # an apply would undo what the autoscaler did
    assert MANIFESTS["horizontal-pod-autoscaler"]["spec"]["minReplicas"] >= 2
    assert MANIFESTS["pod-disruption-budget"]["spec"]["maxUnavailable"] == 1
    (spread,) = pod["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == labels
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    (container,) = pod["spec"]["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    assert volumes["configuration"]["configMap"]["name"] == MANIFESTS["configmap"]["metadata"]["name"]
    assert all("subPath" not in mount for mount in container["volumeMounts"])


def test_the_configuration_of_the_config_map_is_without_warnings_and_drains_in_the_time_that_a_pod_has():
    loaded = load_text(MANIFESTS["configmap"]["data"]["krakend.json"].encode())
    assert [found.code for found in loaded.diagnostics if found.severity.value != "note"] == []
    assert loaded.config is not None
    pod = MANIFESTS["deployment"]["spec"]["template"]["spec"]
    ending = loaded.config.drain_delay_seconds + loaded.config.max_shutdown_wait_seconds
    assert ending < pod["terminationGracePeriodSeconds"]
    assert pod["containers"][0]["readinessProbe"]["periodSeconds"] < loaded.config.drain_delay_seconds
    assert pod["containers"][0]["ports"][0]["containerPort"] == loaded.config.port


def test_the_arguments_of_the_container_start_a_gateway_that_its_probes_find_well(tmp_path):
    (container,) = MANIFESTS["deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["args"][:2] == ["run", "-c"]
    path = tmp_path / Path(container["args"][2]).name
    path.write_text(SERVED)
    with gateway(path, *container["args"][3:]) as running:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert running.ask("GET", container[probe]["httpGet"]["path"])[0] == 200


def test_the_health_check_of_the_container_tells_a_gateway_from_none(tmp_path):
    text = (DEPLOY / "Containerfile").read_text()
    command = json.loads(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", text, re.MULTILINE)[1])
    path = tmp_path / "krakend.json"
    path.write_text(SERVED)

    def check(port):
        asked = [sys.executable, *command[1:]]
        environ = {"KRAKEND_PORT": str(port), "PATH": ""}
        return subprocess.run(asked, env=environ, capture_output=True, timeout=PATIENCE_SECONDS, check=False).returncode

    with gateway(path) as running:
        assert check(running.port) == 0
        port = running.port
    assert check(port) != 0
