"""The compose file: what the specification takes, with files that are there and about one another."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from crossgate.cli.main import build_parser
from crossgate.components import COMPONENTS
from crossgate.config import load_text

FOLDER = Path(__file__).parents[2] / "deploy/compose"
TEXT = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]


def mounts(service: str) -> dict[str, Path]:
    """Files of ours by where the service finds them."""
    pairs = [volume.split(":") for volume in SERVICES[service]["volumes"]]
    return {target[0]: (FOLDER / source).resolve() for source, *target in pairs if source.startswith(".")}


def test_the_specification_takes_it_and_would_not_take_anything() -> None:
    assert set(PyCompose.from_yaml(TEXT).service_names()) == {"crossgate", "prometheus", "grafana"}
    with pytest.raises(ValueError, match="prots"):
        PyCompose.from_yaml(TEXT.replace("ports:", "prots:", 1))


def test_every_file_that_is_mounted_or_built_from_is_there() -> None:
    for service in SERVICES:
        assert [path for path in mounts(service).values() if not path.exists()] == []
    build = SERVICES["crossgate"]["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).is_file()


def test_nothing_listens_for_strangers_and_every_image_is_pinned() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert not service["image"].endswith(":latest")
        assert ":" in service["image"]


def test_the_gateway_starts_with_that_file_and_is_scraped_where_it_listens() -> None:
    taken = build_parser().parse_args(SERVICES["crossgate"]["command"])
    assert taken.watch
    folder = mounts("crossgate")[str(Path(taken.config).parent)]
    text = (folder / Path(taken.config).name).read_text(encoding="utf-8")
    loaded = load_text(text.encode(), components=COMPONENTS, environ={})
    assert [found.code for found in loaded.diagnostics if found.severity != "note"] == []
    listen = json.loads(text)["extra_config"]["crossgate/metrics"]["listen"]
    scraped = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert scraped[0]["static_configs"][0]["targets"] == [f"crossgate:{listen.rpartition(':')[2]}"]


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    folder = "/etc/grafana/provisioning"
    source = yaml.safe_load((mounts("grafana")[f"{folder}/datasources"] / "prometheus.yaml").read_text())
    assert (
        source["datasources"][0]["url"] == f"http://prometheus:{SERVICES['prometheus']['ports'][0].rpartition(':')[2]}"
    )
    provider = yaml.safe_load((mounts("grafana")[f"{folder}/dashboards"] / "crossgate.yaml").read_text())
    dashboards = mounts("grafana")[provider["providers"][0]["options"]["path"]]
    (dashboard,) = dashboards.glob("*.json")
    (variable,) = [
        each for each in json.loads(dashboard.read_text())["templating"]["list"] if each["type"] == "datasource"
    ]
    assert variable["query"] == source["datasources"][0]["type"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian's package prometheus)")
def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    for target, path in mounts("prometheus").items():
        shutil.copy(path, tmp_path / Path(target).name)
    done = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
