"""Counts, their sum over processes, and Prometheus' text of them."""

import shutil
import subprocess

import msgspec
import pytest

from crossgate.metrics.prometheus_text import prometheus_text
from crossgate.metrics.registry import SECONDS, Registry, Sampled, Times, growing, merged


def registry_with(requests: int, connections: int, lag: float, *seconds: float) -> Registry:
    registry = Registry()
    registry.count("a_total", "A.", kind="x").add(requests)
    registry.read_at_scrape("b", "B.", "gauge", (), lambda: [((), connections)])
    registry.read_at_scrape("c_seconds", "C.", "gauge", (), lambda: [((), lag)], takes_largest=True)
    times = Times()
    for each in seconds:
        times.add(each)
    registry.read_at_scrape("d_seconds", "D.", "histogram", ("at",), lambda: [(("y",), times.numbers)])
    return registry


def test_a_count_is_one_however_often_it_is_asked_for():
    registry = Registry()
    registry.count("a_total", "A.", kind="x").add()
    registry.count("a_total", "A.", kind="x").add(2)
    registry.count("a_total", "A.", kind="y").add()
    [family] = registry.snapshot()
    assert family.samples == [(("x",), 3), (("y",), 1)]


def test_processes_add_up_and_of_some_the_largest_counts():
    one, other = registry_with(1, 2, 0.5, 0.001, 20.0), registry_with(10, 20, 0.1, 0.3)
    values = {family.name: family.samples for family in merged((one.snapshot(), other.snapshot()))}
    assert values["a_total"] == [(("x",), 11)]
    assert values["b"] == [((), 22)]
    assert values["c_seconds"] == [((), 0.5)]
    [(_, numbers)] = values["d_seconds"]
    assert (numbers[0], numbers[-2], sum(numbers[:-1])) == (1, 1, 3)
    assert numbers[-1] == pytest.approx(20.301)


def test_what_outlives_a_process_is_what_only_grows():
    assert [family.name for family in growing(registry_with(1, 2, 0.5).snapshot())] == ["a_total", "d_seconds"]


def test_a_snapshot_survives_the_way_between_processes():
    snapshot = registry_with(1, 2, 0.5, 0.2).snapshot()
    assert merged([msgspec.json.decode(msgspec.json.encode(snapshot), type=list[Sampled])]) == merged([snapshot])


def test_a_bound_belongs_to_its_bucket():
    times = Times()
    times.add(SECONDS[0])
    times.add(SECONDS[0] + 1e-9)
    assert times.counts[:2] == [1, 1]


def test_labels_are_escaped_and_buckets_cumulative():
    registry = Registry()
    registry.count("a_total", "A\nB\\.", path='x"y\\z\n').add()
    times = Times()
    times.add(0.002)
    times.add(60)
    registry.read_at_scrape("d_seconds", "D.", "histogram", (), lambda: [((), times.numbers)])
    text = prometheus_text(registry.snapshot())
    assert '# HELP a_total A\\nB\\\\.\n# TYPE a_total counter\na_total{path="x\\"y\\\\z\\n"} 1\n' in text
    assert 'd_seconds_bucket{le="0.001"} 0\nd_seconds_bucket{le="0.0025"} 1\n' in text
    assert (
        'd_seconds_bucket{le="10"} 1\nd_seconds_bucket{le="+Inf"} 2\nd_seconds_sum 60.002\nd_seconds_count 2\n' in text
    )


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian's package prometheus)")
def test_promtool_reads_it():
    text = prometheus_text(registry_with(1, 2, 0.5, 0.2).snapshot())
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
