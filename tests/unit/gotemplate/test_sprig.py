"""What sprig's functions do beyond what was recorded of them."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from crossgate.gotemplate import TemplateError, TemplateSet
from crossgate.gotemplate.sprig import World, sprig_functions

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def render(text: str, data: object = None, *, zone: str = "UTC") -> str:
    lots = random.Random(1)
    world = World.of_environment(
        {"HOME": "/root"},
        now=lambda: int(NOW.timestamp()) * 1_000_000_000,
        random_bytes=lots.randbytes,
        zone=ZoneInfo,
        local_zone=ZoneInfo(zone),
    )
    templates = TemplateSet(sprig_functions(world))
    templates.parse("main", text)
    return templates.execute("main", {} if data is None else data).text


def failure(text: str) -> str:
    with pytest.raises(TemplateError) as failed:
        render(text)
    return failed.value.reason


def test_there_are_all_functions_of_sprig() -> None:
    world = World.of_environment({}, now=lambda: 0, random_bytes=bytes, zone=ZoneInfo, local_zone=UTC)
    assert len(sprig_functions(world)) == 210


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ now | date "2006-01-02T15:04:05Z07:00" }}', "2025-01-02T03:04:05Z"),
        ("{{ now.Year }} {{ now.Month }} {{ now.Weekday }} {{ now.YearDay }}", "2025 January Thursday 2"),
        ("{{ now.Unix }} {{ unixEpoch now }}", "1735787045 1735787045"),
        ("{{ ago 1735787000 }}", "45s"),
        ("{{ durationRound (toDate `2006-01-02` `2023-01-02`) }}", "2y"),
        ("{{ (now.AddDate 0 1 30) | htmlDate }}", "2025-03-04"),
        ("{{ (now.Sub (toDate `2006-01-02` `2025-01-01`)).Hours }}", "27.068055555555556"),
        ("{{ printf `%#v` now.UTC }}", "time.Date(2025, time.January, 2, 3, 4, 5, 0, time.UTC)"),
        ("{{ toDate `15:04` `10:30` }}", "0000-01-01 10:30:00 +0000 UTC"),
        ("{{ mustToDate `Jan 2 2006 3:04PM -0700` `Feb 3 2021 5:06PM +0100` }}", "2021-02-03 17:06:00 +0100 +01"),
        ("{{ date `Mon Jan _2 15:04:05.000 2006` now }}", "Thu Jan  2 03:04:05.000 2025"),
        ("{{ htmlDateInZone 0 `Asia/Tokyo` }}", "1970-01-01"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert render(text) == expected


def test_local_time_is_that_of_the_world() -> None:
    text = "{{ date `15:04 MST` 1700000000 }} {{ toDate `2006-01-02 15:04` `2024-07-01 12:00` }}"
    assert render(text, zone="Europe/Berlin") == "23:13 CET 2024-07-01 12:00:00 +0200 CEST"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ mustToDate `2006-01-02` `2024-02-30` }}", 'parsing time "2024-02-30": day out of range'),
        ("{{ mustToDate `2006-01-02` `2024` }}", 'parsing time "2024" as "2006-01-02": cannot parse "" as "-"'),
        ("{{ mustToDate `2006` `20x4` }}", 'parsing time "20x4" as "2006": cannot parse "20x4" as "2006"'),
        ("{{ mustToDate `15` `25` }}", 'parsing time "25": hour out of range'),
        ("{{ mustToDate `2006` `2024x` }}", 'parsing time "2024x": extra text: "x"'),
        ("{{ mustRegexMatch `a**` `a` }}", "error parsing regexp: invalid nested repetition operator: `**`"),
        ("{{ mustRegexMatch `(?<=a)` `a` }}", "error parsing regexp: invalid named capture: `(?<=a)`"),
        ("{{ mustRegexMatch `a{1001}` `a` }}", "error parsing regexp: invalid repeat count: `{1001}`"),
        ("{{ mustRegexMatch `[z-a]` `a` }}", "error parsing regexp: invalid character class range: `z-a`"),
        ("{{ mustFromJson `{` }}", "unexpected end of JSON input"),
        ("{{ decryptAES `k` `!` }}", "illegal base64 data at input byte 0"),
        ("{{ urlParse `:x` }}", 'unable to parse url: parse ":x": missing protocol scheme'),
        ("{{ semverCompare `>=x.y` `1.0` }}", "improper constraint: >=x.y"),
        ("{{ dig 1 2 (dict) }}", "interface conversion: interface {} is int, not string"),
    ],
)
def test_errors_have_the_words_of_the_real_ones(text: str, reason: str) -> None:
    assert failure(text).endswith(reason)


def test_a_certificate_is_signed_by_its_authority() -> None:
    text = """{{ $ca := genCA "Our CA" 365 -}}
    {{ $names := list "a.example" -}}
    {{ $c := genSignedCert "a.example" (list "127.0.0.1" "::1") $names 30 $ca -}}
    {{ $ca.Cert }}|{{ $c.Cert }}|{{ $c.Key }}"""
    authority, certificate, key = render(text).split("|")
    issuer, signed = (x509.load_pem_x509_certificate(pem.encode()) for pem in (authority, certificate))
    signed.verify_directly_issued_by(issuer)
    assert key.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    loaded = serialization.load_pem_private_key(key.encode(), None)
    assert loaded.public_key() == signed.public_key()
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (signed.not_valid_before_utc, signed.not_valid_after_utc) == (NOW, NOW + timedelta(days=30))
    alternative = signed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternative.get_values_for_type(x509.DNSName) == ["a.example"]
    assert [str(address) for address in alternative.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("ecdsa", "-----BEGIN EC PRIVATE KEY-----"),
        ("ed25519", "-----BEGIN PRIVATE KEY-----"),
        ("nonsense", "Unknown type nonsense"),
    ],
)
def test_keys_have_the_forms_of_go(kind: str, begins: str) -> None:
    assert render(f'{{{{ genPrivateKey "{kind}" }}}}').startswith(begins)


def test_a_self_signed_certificate_takes_a_key_and_passes_the_check_of_one_s_own() -> None:
    text = """{{ $k := genPrivateKey "ecdsa" }}{{ $c := genSelfSignedCertWithKey "a" nil nil 1 $k }}
    {{- $b := buildCustomCert ($c.Cert | b64enc) ($c.Key | b64enc) }}{{ eq $b.Cert $c.Cert }} {{ eq $b.Key $k }}"""
    assert render(text) == "true true"
    assert "is not a string" in failure('{{ genSelfSignedCert "a" (list 1) nil 1 }}')
    assert "error parsing ip: x" in failure('{{ genSelfSignedCert "a" (list "x") nil 1 }}')


def test_what_is_random_comes_from_the_world() -> None:
    text = "{{ uuidv4 }} {{ randAlphaNum 8 }} {{ randInt 0 100 }} {{ shuffle `abc` }} {{ randBytes 4 }}"
    assert render(text) == render(text)


def test_environment_variables_are_expanded_as_in_a_shell() -> None:
    assert render("{{ expandenv `$HOME/${HOME}/$NONE/$$` }}") == "/root//root//"


def test_a_password_hash_is_one_of_bcrypt() -> None:
    assert render("{{ htpasswd `u` `p` }}").startswith("u:$2a$10$")
