"""gzip within its limit."""

import gzip
import tracemalloc

import pytest

from crossgate.pipeline.decode import DecodeError, gunzip

HELLO = gzip.compress(b"hello")


def test_members_are_joined():
    assert gunzip(HELLO, 5) == b"hello"
    assert gunzip(HELLO + gzip.compress(b"") + HELLO, 10) == b"hellohello"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "EOF"),
        (b"plain text", "gzip: invalid header"),
        (HELLO + b"junk", "gzip: invalid header"),
        (HELLO[:1], "unexpected EOF"),
        (HELLO[:6], "unexpected EOF"),
        (HELLO[:-1], "unexpected EOF"),
        (HELLO[:-5] + b"\xff" + HELLO[-4:], "gzip: invalid checksum"),
        (HELLO[:10] + b"\xff" + HELLO[11:], "flate: corrupt input"),
    ],
)
def test_faults_have_the_words_of_go(body, message):
    with pytest.raises(DecodeError) as raised:
        gunzip(body, 100)
    assert str(raised.value) == message


def test_every_truncation_is_told():
    """DEV-DATA-8."""
    body = gzip.compress(bytes(range(256)) * 40)
    for length in range(1, len(body)):
        with pytest.raises(DecodeError, match="unexpected EOF"):
            gunzip(body[:length], 1 << 20)


def test_a_bomb_ends_at_the_limit_without_being_unpacked():
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(DecodeError, match="larger than 1000000 bytes"):
        gunzip(bomb, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_the_limit_is_exact():
    assert gunzip(gzip.compress(bytes(1000)), 1000) == bytes(1000)
    with pytest.raises(DecodeError):
        gunzip(gzip.compress(bytes(1001)), 1000)
    with pytest.raises(DecodeError):
        gunzip(HELLO * 3, 14)


def test_very_many_members_take_linear_time():
    assert gunzip(gzip.compress(b"") * 30_000, 0) == b""
