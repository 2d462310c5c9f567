"""Readings of a configuration: what belongs together, and what counts as a change."""

import json
import os
import threading

from crossgate.config.read_file import STANDARD_INPUT
from crossgate.gateway.file_states import digest_of, states_of
from crossgate.gateway.source import Source
from crossgate.gateway.watching import folders_of


def test_states_are_of_contents_and_not_of_times(tmp_path):
    path = tmp_path / "a"
    path.write_text("one")
    before = states_of([str(path)])
    os.utime(path, (1, 1))
    assert states_of([str(path)]) == before
    path.write_text("two")
    assert states_of([str(path)]) != before
    path.unlink()
    assert states_of([str(path)]) == {str(path): ""}


def test_the_state_of_a_folder_is_the_names_in_it(tmp_path):
    before = states_of([str(tmp_path)])
    (tmp_path / "new").write_text("")
    after = states_of([str(tmp_path)])
    assert before != after
    (tmp_path / "new").write_text("text")
    assert states_of([str(tmp_path)]) == after


def test_what_cannot_be_read_has_a_state_and_raises_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    paths = [str(tmp_path / "pipe"), "\0", "/nowhere/at/all", ""]
    assert states_of(paths) == dict.fromkeys(paths, "")


def test_digests_tell_states_apart_and_nothing_else():
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert digest_of({"a": "1"}) != digest_of({"a": "2"})


def test_a_reading_knows_the_files_that_it_was_made_of(tmp_path):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "endpoints": []}))
    reading = Source(str(path), {}).read()
    assert reading.loaded.config is not None
    assert list(reading.states) == [str(path)]
    assert reading.digest == Source(str(path), {}).read().digest


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "port": 8001, "endpoints": []}))
    from crossgate.gateway import source

    loaded_first, load = threading.Event(), source.load_file

    def load_and_change(*arguments, **keys):
        loaded = load(*arguments, **keys)
        if not loaded_first.is_set():
            loaded_first.set()
            path.write_text(json.dumps({"version": 3, "port": 8002, "endpoints": []}))
        return loaded

    monkeypatch.setattr(source, "load_file", load_and_change)
    reading = Source(str(path), {}).read()
    assert reading.loaded.config.port == 8002
    assert reading.states == states_of([str(path)])


def test_standard_input_cannot_be_read_again():
    assert not Source(STANDARD_INPUT, {}).can_be_read_again
    assert Source("krakend.json", {}).can_be_read_again


def test_the_folders_of_links_on_the_way_are_watched_too(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("")
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "data").symlink_to("../real")
    (tmp_path / "shown" / "file").symlink_to("data/file")
    folders = folders_of([str(tmp_path / "shown" / "file")])
    assert {str(tmp_path / "shown"), str(tmp_path / "real")} <= set(folders)


def test_links_in_a_circle_and_missing_folders_end(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert str(tmp_path) in folders_of([str(tmp_path / "a")])
    assert folders_of([str(tmp_path / "no" / "such" / "file")]) == [str(tmp_path)]
