"""The Helm chart: rendered by Helm itself with several sets of values, and taken by Kubernetes' schemas."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from crossgate.cli.main import build_parser
from crossgate.components import COMPONENTS
from crossgate.config import load_text

CHART = Path(__file__).parents[2] / "deploy/helm/crossgate"
VERSIONS = ("1.28.0", kubernetes_validate.latest_version())
FILE = '{"version": 2, "endpoints": [], "extra_config": {"crossgate/metrics": {"listen": "0.0.0.0:9100"}}}'
SETS: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "everything off": {
        "autoscaling": {"enabled": False}, "podDisruptionBudget": {"enabled": False}, "watch": False, "replicas": 3,
        "workers": 4, "extraArgs": ["--strict", "--allow-unsupported"], "podAnnotations": {"a.example/b": "true"},
    },
    "everything on": {
        "metrics": {"enabled": True, "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
        "networkPolicy": {
            "enabled": True,
            "ingressFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
            "metricsFrom": [{"podSelector": {"matchLabels": {"app": "prometheus"}}}],
            "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}, {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        },
        "configuration": {"version": 3, "timeout": "1s", "endpoints": [
            {"endpoint": "/a", "backend": [{"host": ["http://a"], "url_pattern": "/"}]}]},
        "files": {"partial.tmpl": '{{ .x }}\n"quoted"'}, "image": {"repository": "registry.example/x", "tag": "9"},
        "imagePullSecrets": [{"name": "pull"}], "service": {"type": "LoadBalancer", "annotations": {"a": "b"}},
        "extraEnv": [{"name": "FC_ENABLE", "value": "1"}], "podLabels": {"team": "edge"},
        "extraVolumes": [{"name": "keys", "secret": {"secretName": "keys"}}],
        "extraVolumeMounts": [{"name": "keys", "mountPath": "/run/keys", "readOnly": True}],
        "nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "edge", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}}}]}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    },
    "a file as text": {"configurationText": FILE, "metrics": {"enabled": True, "port": 9100}, "port": 9000},
    "a ConfigMap of somebody's own": {"existingConfigMap": "theirs", "watch": False},
}  # fmt: skip
WRONG: dict[str, dict[str, Any]] = {
    "a misspelt value": {"imge": {}},
    "a misspelt value inside": {"metrics": {"enable": True}},
    "a port out of range": {"port": 70000},
    "a configuration without a version": {"configuration": {"version": None}},
    "a type that services do not have": {"service": {"type": "Public"}},
    "no worker": {"workers": 0},
}


@pytest.fixture(scope="module")
def rendered() -> dict[str, Any]:
    if importlib.util.find_spec("helm_python") is None:
        pytest.skip("Helm's library has no wheel for this machine")
    sets = SETS | WRONG
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("helm_render.py")), str(CHART)],
        input=json.dumps(list(sets.values())),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(["lint", *sets], json.loads(done.stdout), strict=True))


def manifests(rendered: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """What a set of values renders to, by kind; the second service as `Metrics`."""
    found: dict[str, dict[str, Any]] = {}
    for template, text in rendered[name].items():
        if template.endswith(".yaml"):
            for manifest in yaml.safe_load_all(text):
                if manifest is not None:
                    found["Metrics" if manifest["kind"] in found else manifest["kind"]] = manifest
    return found


def test_lint_finds_nothing_but_that_there_is_no_icon(rendered: dict[str, Any]) -> None:
    assert rendered["lint"]["errors"] == []
    assert [found["error"] for found in rendered["lint"]["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SETS)
def test_what_the_chart_renders_to_is_what_kubernetes_takes(rendered: dict[str, Any], name: str, version: str) -> None:
    found = manifests(rendered, name)
    monitor = found.pop("ServiceMonitor", None)
    assert {"Deployment", "Service"} <= found.keys()
    for manifest in found.values():
        assert kubernetes_validate.validate(manifest, version, strict=True)
    assert (monitor is not None) == (name == "everything on")


@pytest.mark.parametrize("name", WRONG)
def test_values_that_the_schema_does_not_know_are_refused(rendered: dict[str, Any], name: str) -> None:
    assert isinstance(rendered[name], str)


@pytest.mark.parametrize("name", SETS)
def test_the_manifests_are_about_one_another(rendered: dict[str, Any], name: str) -> None:
    found = manifests(rendered, name)
    pod = found["Deployment"]["spec"]["template"]
    selector = found["Deployment"]["spec"]["selector"]["matchLabels"]
    assert selector.items() <= pod["metadata"]["labels"].items()
    (container,) = pod["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    for kind in ("Service", "Metrics"):
        if kind in found:
            assert found[kind]["spec"]["selector"] == selector
            assert {port["targetPort"] for port in found[kind]["spec"]["ports"]} <= ports
    for kind, path in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        if kind in found:
            assert found[kind]["spec"][path]["matchLabels"] == selector
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    names = {found["ConfigMap"]["metadata"]["name"]} if "ConfigMap" in found else {"theirs"}
    assert {volumes["configuration"]["configMap"]["name"]} == names
    if "HorizontalPodAutoscaler" in found:
        target = found["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
        assert target["name"] == found["Deployment"]["metadata"]["name"]
        assert "replicas" not in found["Deployment"]["spec"]
    if "ServiceMonitor" in found:
        spec = found["ServiceMonitor"]["spec"]
        assert spec["selector"]["matchLabels"].items() <= found["Metrics"]["metadata"]["labels"].items()
        assert not spec["selector"]["matchLabels"].items() <= found["Service"]["metadata"]["labels"].items()
        assert {end["port"] for end in spec["endpoints"]} <= {
            port["name"] for port in found["Metrics"]["spec"]["ports"]
        }


@pytest.mark.parametrize("name", SETS)
def test_the_configuration_is_one_that_starts_and_the_command_line_one_that_is_taken(
    rendered: dict[str, Any], name: str
) -> None:
    found = manifests(rendered, name)
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    taken = build_parser().parse_args(container["args"])
    assert taken.workers == (4 if name == "everything off" else 0)
    assert taken.watch == (name not in {"everything off", "a ConfigMap of somebody's own"})
    if "ConfigMap" not in found:
        return
    text = found["ConfigMap"]["data"]["krakend.json"]
    if name == "a file as text":
        assert text.rstrip("\n") == FILE
    environ = {entry["name"]: entry["value"] for entry in container["env"] if entry["name"] == "KRAKEND_PORT"}
    loaded = load_text(text.encode(), components=COMPONENTS, environ=environ)
    assert [found.code for found in loaded.diagnostics if found.severity != "note"] == []
    assert loaded.config is not None
    assert loaded.config.port == container["ports"][0]["containerPort"]
    if "Metrics" in found:
        (port,) = found["Metrics"]["spec"]["ports"]
        assert json.loads(text)["extra_config"]["crossgate/metrics"]["listen"] == f"0.0.0.0:{port['port']}"
    ending = loaded.config.drain_delay_seconds + loaded.config.max_shutdown_wait_seconds
    assert ending < found["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]


def test_pods_are_replaced_by_a_change_only_where_they_do_not_watch(rendered: dict[str, Any]) -> None:
    def checksum(name: str) -> bool:
        pod = manifests(rendered, name)["Deployment"]["spec"]["template"]
        return "checksum/configuration" in pod["metadata"].get("annotations", {})

    assert [name for name in SETS if checksum(name)] == ["everything off"]


def test_every_value_is_explained_and_known_to_the_schema() -> None:
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert yaml.safe_load(text).keys() == schema["properties"].keys() - {"global"}
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    manifests_of_ours = (CHART.parents[1] / "kubernetes/deployment.yaml").read_text(encoding="utf-8")
    assert f"image: crossgate:{chart['appVersion']}" in manifests_of_ours
