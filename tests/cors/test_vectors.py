"""The recorded answers of KrakenD 1.4 and 2.13: one table through four fronts."""

from collections import Counter

import pytest

from crossgate.cors import ABSENT, CorsPolicy, decode_service_cors
from crossgate.diagnostics import Severity
from tests.support import cors_fronts, cors_vectors
from tests.support.cors_vectors import Record

VERSIONS = ["1.4", "2.13"]
# Keys that KrakenD does not know and starts with; crossgate takes them for misspelt ones.
MISSPELT = {"allowed_origins", "allow_origin", "Allow_Origins", "maxAge"}


def policy_of(record: Record) -> CorsPolicy | None:
    block = ABSENT if record.block is cors_vectors.ABSENT else record.block
    service = decode_service_cors(block, config_version=record.config_version)
    assert not [d for d in service.diagnostics if d.severity is Severity.ERROR], record.id
    return service.default


def has_misspelt_key(record: Record) -> bool:
    if not isinstance(record.block, dict):
        return False
    keys = record.block
    if record.version == "1.4":  # its loader lower-cases keys, so capitals are no mistake there
        return bool({key.lower() for key in keys} & {"allowed_origins", "allow_origin", "maxage"})
    return bool(MISSPELT & set(keys))


LISTS = {"allow_origins", "allow_methods", "allow_headers", "expose_headers"}
FLAGS = {"allow_credentials", "debug"}
FLAGS_SINCE_2_7 = {"allow_private_network", "options_passthrough"}


def only_its_max_age_is_no_duration(record: Record) -> bool:
    """Whether every value has its type. A text that is no duration has: KrakenD ignores it, and so does crossgate."""
    if not isinstance(record.block, dict) or not isinstance(record.block.get("max_age"), str):
        return False
    flags = FLAGS if record.version == "1.4" else FLAGS | FLAGS_SINCE_2_7
    for key, value in record.block.items():
        if key in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            return False
        if key in flags and not isinstance(value, bool):
            return False
        if key == "options_success_status" and record.version != "1.4" and value not in range(200, 600):
            return False
    return True


def is_refused(record: Record) -> bool:
    """Whether crossgate does not start with the block."""
    return has_misspelt_key(record) or not (record.well_typed or only_its_max_age_is_no_duration(record))


def cases_of(version: str, counts: Counter[str]) -> list[tuple[Record, CorsPolicy | None, dict]]:
    """All cases that are crossgate's to answer; the others are counted."""
    found = []
    for record in cors_vectors.records(version):
        if is_refused(record):
            counts["cases of configurations that crossgate refuses"] += len(record.cases)
            continue
        policy = policy_of(record)
        assert (policy is None) == (record.outcome == "disabled"), record.id
        for case in record.cases:
            if cors_vectors.is_refused_by_the_server(case):
                counts["two Host lines: the server's to refuse"] += 1
            else:
                found.append((record, policy, case))
    return found


def one_by_one(front: cors_fronts.Front):
    return lambda cases: [front(policy, case) for policy, case in cases]


FRONTS = {
    "engine": (one_by_one(cors_fronts.engine), set()),
    "ASGI": (one_by_one(cors_fronts.asgi), set()),
    "WSGI": (one_by_one(cors_fronts.wsgi), {"repeated request lines"}),
    "socket": (cors_fronts.over_a_socket, {"methods that the HTTP parser does not know"}),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("front", FRONTS)
def test_every_well_typed_case_is_answered_as_recorded_or_by_a_listed_departure(front, version, capsys):
    ask, may_not_carry = FRONTS[front]
    counts: Counter[str] = Counter()
    not_carried: Counter[str] = Counter()
    wrong = []
    cases = cases_of(version, counts)
    answers = ask([(policy, case) for _, policy, case in cases])
    for (record, _, case), got in zip(cases, answers, strict=True):
        if isinstance(got, str):
            not_carried[got] += 1
            continue
        expected = cors_vectors.expectation(record, case)
        if got != expected.outcome:
            wrong.append((case["id"], case["tags"], expected, got))
        elif expected.departures:
            counts.update(expected.departures)
            counts["by a departure"] += 1
        else:
            counts["as recorded"] += 1
    with capsys.disabled():
        print(f"\nKrakenD {version} vectors through {front}: {dict(sorted(counts.items()))}")
        print(f"  not carried by {front}: {dict(not_carried) or 'none'}")
    assert not wrong, f"{len(wrong)} cases: " + "\n".join(map(str, wrong[:5]))
    assert set(not_carried) <= may_not_carry
    assert counts["as recorded"] > 4000


@pytest.mark.parametrize("version", VERSIONS)
def test_every_ill_typed_configuration_is_refused(version):
    for record in cors_vectors.records(version):
        if not is_refused(record):
            continue
        service = decode_service_cors(record.block, config_version=record.config_version)
        errors = [d for d in service.diagnostics if d.severity is Severity.ERROR]
        if record.version == "1.4" and not errors:
            # The old loader has dropped what was ill typed before anybody could see it.
            assert record.block is None or any(value in (None, {}) for value in record.block.values()), record.id
            continue
        assert errors, record.id
        assert service.default is None, record.id
        assert {error.code for error in errors} <= {f"COR10{n}" for n in range(1, 9)}, record.id


@pytest.mark.parametrize("version", VERSIONS)
def test_every_panic_of_krakend_at_start_is_an_error(version):
    panics = [record for record in cors_vectors.records(version) if record.outcome == "panic"]
    assert len(panics) >= 12
    for record in panics:
        service = decode_service_cors(record.block, config_version=record.config_version)
        assert "COR105" in {d.code for d in service.diagnostics if d.severity is Severity.ERROR}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_duration_gives_the_recorded_max_age(version):
    config_version = 2 if version == "1.4" else 3
    preflight = [(b"origin", b"https://a.example"), (b"access-control-request-method", b"GET")]
    for line in cors_vectors.durations():
        service = decode_service_cors({"max_age": line["in"]}, config_version=config_version)
        if not line["ok"]:
            assert "COR106" in {d.code for d in service.diagnostics}, line
            continue
        sent = dict(service.default.decide(b"OPTIONS", preflight).edits.set_fields)
        wanted = line["header"][version]
        assert sent.get(b"access-control-max-age") == (None if wanted is None else wanted.encode()), line
