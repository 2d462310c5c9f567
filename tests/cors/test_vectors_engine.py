"""The recorded answers of KrakenD 1.4 and 2.13, through the engine in process."""

from collections import Counter

import pytest

from crossgate.cors import ABSENT, CorsPolicy, decode_service_cors
from crossgate.diagnostics import Severity
from tests.support import cors_vectors
from tests.support.cors_vectors import Outcome, Record

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


def outcome_of(policy: CorsPolicy | None, case: dict) -> Outcome:
    own = [] if case["next"] == "plain" else [(n.lower().encode(), v.encode()) for n, v in case["next_headers"]]
    if policy is None:
        return Outcome.of(200, True, text(own))
    decision = policy.decide(case["request"]["method"].encode(), cors_vectors.request_fields(case))
    if decision.preflight_status is None:
        return Outcome.of(200, True, text(decision.edits.apply(own, policy.config.upstream)))
    assert decision.edits.apply([]) == [
        *decision.edits.set_fields,
        (b"vary", b", ".join(decision.edits.vary)),
    ]
    return Outcome.of(decision.preflight_status, False, text(decision.edits.apply([])))


def text(fields: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in fields]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_well_typed_case_is_answered_as_recorded_or_by_a_listed_departure(version, capsys):
    counts: Counter[str] = Counter()
    wrong = []
    for record in cors_vectors.records(version):
        if not record.well_typed or has_misspelt_key(record):
            counts["cases of configurations that crossgate refuses"] += len(record.cases)
            continue
        policy = policy_of(record)
        assert (policy is None) == (record.outcome == "disabled"), record.id
        for case in record.cases:
            if cors_vectors.is_refused_by_the_server(case):
                counts["refused by the HTTP server before CORS"] += 1
                continue
            expected = cors_vectors.expectation(record, case)
            got = outcome_of(policy, case)
            if got != expected.outcome:
                wrong.append((case["id"], case["tags"], expected, got))
            elif expected.departures:
                counts.update(expected.departures)
                counts["by a departure"] += 1
            else:
                counts["as recorded"] += 1
    with capsys.disabled():
        print(f"\nKrakenD {version} vectors through the engine: {dict(sorted(counts.items()))}")
    assert not wrong, f"{len(wrong)} cases: " + "\n".join(map(str, wrong[:5]))
    assert counts["as recorded"] > 4000


@pytest.mark.parametrize("version", VERSIONS)
def test_every_ill_typed_configuration_is_refused(version):
    for record in cors_vectors.records(version):
        if record.well_typed and not has_misspelt_key(record):
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
