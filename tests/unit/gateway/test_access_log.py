"""The access log: its line, when it is written, what it survives."""

from crossgate.gateway.access_log import MAX_PENDING_LINES, AccessLog

NOON = 1_795_348_800.0  # 2026-11-22 12:00:00 UTC


def make(write, skipped=()):
    lost = []
    return AccessLog(write, lambda: NOON, skipped, lost.append), lost


def record(log, path=b"/users", query=None):
    log.record(method=b"GET", path=path, query=query, client="127.0.0.1", status=200, seconds=0.0012345)


def test_a_line_is_gins():
    written = []
    log, _ = make(written.append)
    record(log, query=b"a=1")
    log.flush()
    assert written == ['[GIN] 2026/11/22 - 12:00:00 | 200 |      1.2345ms |       127.0.0.1 | GET      "/users?a=1"\n']


def test_lines_are_gathered_until_flushed():
    written = []
    log, _ = make(written.append)
    record(log)
    record(log)
    assert written == []
    log.flush()
    log.flush()
    assert len(written) == 1


def test_many_lines_do_not_wait_for_a_flush():
    written = []
    log, _ = make(written.append)
    for _ in range(MAX_PENDING_LINES):
        record(log)
    assert "".join(written).count("\n") == MAX_PENDING_LINES


def test_skipped_paths_leave_no_line():
    written = []
    log, _ = make(written.append, skipped=("/__health",))
    record(log, b"/__health")
    log.flush()
    assert written == []


def test_a_client_cannot_forge_a_line_or_act_on_a_terminal():
    written = []
    log, _ = make(written.append)
    record(log, b'/a\n[GIN] forged\x1b[2J"\xff')
    log.flush()
    assert written[0].count("\n") == 1
    assert '"/a\\x0a[GIN] forged\\x1b[2J\\x22\\xff"' in written[0]


def test_a_reader_that_has_gone_ends_the_log_and_nothing_else():
    def write(text):
        raise BrokenPipeError

    log, lost = make(write)
    record(log)
    log.flush()
    record(log)
    log.flush()
    assert len(lost) == 1
