"""Reloads from the parent's side, without processes: all workers go over or none does, whoever comes and goes."""

import json
import logging
import socket
from typing import ClassVar

import pytest

from crossgate.gateway.conduct import MAX_ATTEMPTS, PATIENCE_SECONDS, ReloadingConduct
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.service_manager import ServiceManager
from crossgate.gateway.site import Site
from crossgate.gateway.source import Source
from crossgate.gateway.worker import ADOPT, CHANGED, DISCARD, PREPARE, PREPARED, REFUSED, RELOAD
from crossgate.server.channel import Channel
from crossgate.server.workers import Worker
from tests.support.clock import Clock


class FakeWorker:
    """A worker whose parent's words are read here."""

    made: ClassVar[list["FakeWorker"]] = []

    def __init__(self, conduct):
        self.made.append(self)
        ours, theirs = socket.socketpair()
        self.conduct = conduct
        self.hears = Channel(theirs)
        self.worker = Worker(0, 0, Channel(ours))
        conduct.started(self.worker)

    def words(self):
        return [(said["word"], said.get("number")) for said in self.hears.heard() if said["word"] != "watch"]

    def says(self, word, **values):
        self.conduct.heard(self.worker, {"word": word, **values})
        self.conduct.look()

    def close(self):
        self.hears.close()
        self.worker.channel.close()

    def ends(self):
        self.conduct.lost(self.worker)
        self.conduct.look()


class Parent:
    def __init__(self, folder):
        self.path = folder / "krakend.json"
        self.write(8001)
        source = Source(str(self.path), {})
        logger = logging.Logger("conduct")  # noqa: LOG001 # one of its own
        self.log = []
        handler = logging.Handler()
        handler.emit = lambda record: self.log.append(record.getMessage())
        logger.addHandler(handler)
        self.clock = Clock()
        site = Site(source, ServeOptions(port=0, workers=2), {}, logger)
        self.conduct = ReloadingConduct(site, source.read(), (), ServiceManager({}), self.clock)
        self.workers = [FakeWorker(self.conduct) for _ in range(2)]

    def write(self, port):
        self.path.write_text(json.dumps({"version": 3, "port": port, "endpoints": []}))

    def reload(self):
        self.conduct.hung_up()
        self.conduct.look()

    @property
    def port(self):
        return self.conduct.reading.loaded.config.port


@pytest.fixture
def parent(tmp_path):
    yield Parent(tmp_path)
    while FakeWorker.made:
        FakeWorker.made.pop().close()


def test_workers_go_over_when_all_are_prepared(parent):
    one, two = parent.workers
    parent.write(8002)
    parent.reload()
    assert one.words() == two.words() == [(PREPARE, 1)]
    one.says(PREPARED, number=1)
    assert one.words() == two.words() == []
    assert parent.port == 8001
    two.says(PREPARED, number=1)
    assert one.words() == two.words() == [(ADOPT, 1)]
    assert parent.port == 8002


def test_none_goes_over_where_one_cannot(parent):
    one, two = parent.workers
    parent.write(8002)
    parent.reload()
    one.says(PREPARED, number=1)
    two.says(REFUSED, number=1, reason="the port of its component is taken")
    assert one.words() == two.words() == [(PREPARE, 1), (DISCARD, None)]
    assert parent.port == 8001
    assert parent.log == ["not reloaded: the port of its component is taken; what was loaded before stays"]


def test_a_file_with_errors_is_shown_to_no_worker(parent):
    parent.path.write_text("{")
    parent.reload()
    assert [worker.words() for worker in parent.workers] == [[], []]
    assert "has errors; what was loaded before stays" in parent.log[0]


def test_a_worker_that_ends_is_not_waited_for_and_its_successor_joins_in(parent):
    one, two = parent.workers
    parent.write(8002)
    parent.reload()
    one.says(PREPARED, number=1)
    successor = FakeWorker(parent.conduct)
    two.ends()
    assert parent.port == 8001
    assert successor.words() == [(PREPARE, 1)]
    successor.says(PREPARED, number=1)
    assert parent.port == 8002
    assert one.words() == [(PREPARE, 1), (ADOPT, 1)]
    assert successor.words() == [(ADOPT, 1)]


def test_a_worker_that_does_not_answer_ends_the_reload_after_a_while(parent):
    one, two = parent.workers
    parent.reload()
    one.says(PREPARED, number=1)
    assert parent.conduct.wait_seconds() == PATIENCE_SECONDS
    parent.clock.advance(PATIENCE_SECONDS)
    parent.conduct.look()
    assert one.words() == two.words() == [(PREPARE, 1), (DISCARD, None)]
    assert parent.conduct.wait_seconds() is None
    two.says(PREPARED, number=1)
    assert two.words() == []


def test_reloads_that_are_wanted_meanwhile_become_one_more(parent):
    one, two = parent.workers
    parent.reload()
    for _ in range(3):
        one.says(RELOAD)
    assert one.words() == [(PREPARE, 1)]
    one.says(PREPARED, number=1)
    two.says(PREPARED, number=1)
    assert one.words() == [(ADOPT, 1), (PREPARE, 2)]
    one.says(PREPARED, number=2)
    two.says(PREPARED, number=2)
    assert one.words() == [(ADOPT, 2)]


def test_files_that_change_while_they_are_read_are_read_again_but_not_for_ever(parent):
    one, _ = parent.workers
    parent.reload()
    for number in range(1, MAX_ATTEMPTS + 2):
        assert one.words()[-1] == (PREPARE, number)
        one.says(REFUSED, number=number, reason=CHANGED)
    assert one.words() == [(DISCARD, None)]
    assert parent.log == [f"not reloaded: {CHANGED}; what was loaded before stays"]


def test_nothing_is_reloaded_once_the_gateway_stops(parent):
    parent.conduct.stopping()
    parent.reload()
    assert [worker.words() for worker in parent.workers] == [[], []]
