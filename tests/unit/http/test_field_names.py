"""Kinds of messages, by the names of their fields."""

from crossgate.http.field_names import FieldNames, KnownNames


def test_names_are_told_apart_whatever_their_case() -> None:
    names = KnownNames().of((b"Host", b"X-A", b"host"))
    assert names.names == (b"host", b"x-a", b"host")
    assert not names.are_lone
    assert FieldNames([b"host", b"x-a"]).are_lone


def test_what_is_known_of_names_is_known_once() -> None:
    known = KnownNames()
    assert known.of((b"Host", b"A")) is known.of((b"Host", b"A"))
    assert known.of((b"A", b"Host")).at == {b"a": 0, b"host": 1}
    assert known.of((b"Host", b"Expect")).has_framing
    assert not known.of((b"Host", b"A")).has_framing


def test_names_that_clients_make_up_take_bounded_room_and_leave_some() -> None:
    known = KnownNames()
    for number in range(3 * KnownNames.MEMO_SIZE):
        known.of((b"Host", b"X-%d" % number))
    assert len(known._known) <= KnownNames.MEMO_SIZE
    long = (b"a" * (KnownNames.LONGEST_KEPT + 1),)
    assert known.of(long) is not known.of(long)
    assert known.of((b"Host", b"New")) is known.of((b"Host", b"New"))
