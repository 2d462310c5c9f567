"""What stands before backends, compared and tried: what nobody sees is no difference, examples show what is said."""

import pytest

from crossgate.compare import Kind
from crossgate.compare.confirm.large_limits import differ_beyond
from tests.support.two_gateways import loaded, reported

VALIDATOR = {"alg": "ES256", "jwk_url": "https://id.example/keys", "roles": ["user"]}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}}
KEYS = {"keys": [{"key": "k-1", "roles": ["partner"]}], "identifier": "X-Key"}
ALL_OF_FOUR = {"CIDR": ["0.0.0.0/0"], "allow": False, "client_ip_headers": ["X-Client"]}


def tree(extra=None, service=None, version=3, **keys):
    endpoint = {"endpoint": "/users/{id}", "backend": [{"url_pattern": "/u"}], "extra_config": extra or {}, **keys}
    return {"version": version, "host": ["http://shop:8000"], "extra_config": service or {}, "endpoints": [endpoint]}


def cel(text):
    return {"validation/cel": [{"check_expr": text}]}


def filtered(told):
    return {"plugin/req-resp-modifier": {"name": ["ip-filter"], "ip-filter": told}}


def router(**options):
    return {"router": options}


SAME = {
    "letters of the field that has keys": (
        tree({"auth/api-keys": {}}, {"auth/api-keys": KEYS}),
        tree({"auth/api-keys": {}}, {"auth/api-keys": {**KEYS, "identifier": "x-key"}}),
    ),
    "a field that a filter of addresses never gets": (
        tree(filtered(ALL_OF_FOUR)),
        tree(filtered({**ALL_OF_FOUR, "client_ip_headers": ["X-Other"]})),
    ),
    "a schema in the words of version 2": (
        tree({"validation/json-schema": SCHEMA}, method="POST"),
        tree({"github.com/devopsfaith/krakend-jsonschema": SCHEMA}, method="POST", version=2),
    ),
    "where hosts are told, that nobody asks for": (
        tree(service={"security/http": {"frame_deny": True, "host_proxy_headers": ["X-Host"]}}),
        tree(service={"security/http": {"frame_deny": True, "host_proxy_headers": ["X-Other"]}}),
    ),
    "revocations that nobody can make": (
        tree({"auth/validator": VALIDATOR}),
        tree(
            {"auth/validator": VALIDATOR},
            {"auth/revoker": {"N": 9, "P": 0.1, "TTL": 60, "hash_name": "optimal", "token_keys": ["jti"]}},
        ),
    ),
    "the size of a query that does not pass": (tree(), tree(cel("size(req_querystring) < 2"))),
    "a parameter that there is not": (tree(cel("req_params.Nr != 'v9'")), tree(cel("req_params.Nr != 'v8'"))),
    "fields read by whom nobody trusts": (
        tree(service=router(remote_ip_headers=["X-A"], forwarded_by_client_ip=False)),
        tree(service=router(remote_ip_headers=["X-B"], forwarded_by_client_ip=False)),
    ),
    "one field twice": (
        tree(service=router(remote_ip_headers=["X-A", "x-a"])),
        tree(service=router(remote_ip_headers=["X-A"])),
    ),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_what_nobody_sees_is_no_difference(old, new):
    assert reported(old, new) == []
    assert reported(new, old) == []


SHOWN = {
    "proxies": (
        tree(service=router(trusted_proxies=["10.0.0.0/8"])),
        tree(service=router(trusted_proxies=["10.1.0.0/16"])),
    ),
    "names, in order": (
        tree(service=router(remote_ip_headers=["X-A", "X-B"])),
        tree(service=router(remote_ip_headers=["X-B", "X-A"])),
    ),
    "names of proxies": (
        tree(service=router(remote_ip_headers=["X-A", "X-B"], trusted_proxies=["192.0.2.0/24"])),
        tree(service=router(remote_ip_headers=["X-A"], trusted_proxies=["192.0.2.0/24"])),
    ),
    "App Engine": (tree(), tree(service=router(app_engine=True))),
    "addresses but those of a network": (
        tree(),
        tree(
            service={"plugin/http-server": {"name": ["ip-filter"], "ip-filter": {"CIDR": ["0.0.0.0/0"], "allow": True}}}
        ),
    ),
    "reasons in answers": (tree(), tree(service={"crossgate/explain": {"loopback_only": True}})),
}


@pytest.mark.parametrize(("old", "new"), SHOWN.values(), ids=SHOWN)
def test_a_request_shows_it(old, new):
    for before, after in ((old, new), (new, old)):
        assert [one.evidence for one in reported(before, after)] == ["shown"]


def test_a_difference_of_the_service_is_tried_where_somebody_gets_in():
    shut = {**tree(cel("req_method == 'POST'"))["endpoints"][0], "endpoint": "/a"}
    trees = [tree(service=router(trusted_proxies=[network])) for network in ("10.0.0.0/8", "11.0.0.0/8")]
    for one in trees:
        one["endpoints"].insert(0, shut)
    (found,) = reported(*trees)
    assert found.evidence == "shown"
    assert found.example.target.startswith("/users/")


def test_addresses_are_nobody_s_where_the_files_share_no_endpoint():
    old, new = tree(), tree(service=router(app_engine=True), endpoint="/other")
    assert {one.kind for one in reported(old, new)} == {Kind.ROUTE, Kind.STATUS}


def test_a_password_where_the_other_file_wants_a_token_in_its_place_is_tried_alone():
    users = {"ann": "$2b$04$ICWUKXd/55ElsC3RA7/L5eynmNtDDCwAQIKNHMbpVLc7Qkw9/jBm."}
    basic = {"auth/basic": {"users": users}}
    (found,) = reported(tree(basic), tree({**basic, "auth/validator": VALIDATOR}))
    assert found.evidence == "shown"


def test_claims_whose_names_differ_in_letters_are_told_apart():
    old, new = (
        tree({"auth/validator": {**VALIDATOR, "propagate_claims": [[name, "X-A"]]}}, input_headers=["X-A"])
        for name in ("email", "EMAIL")
    )
    assert [one.evidence for one in reported(old, new)] == ["shown"]


def test_a_limit_of_clients_that_cannot_be_named_lets_nobody_in_however_high_it_is():
    limit = {"client_max_rate": 1, "strategy": "param", "key": "nr"}
    old, new = (tree({"qos/ratelimit/router": {**limit, "max_rate": rate}}) for rate in (3, 30))
    assert reported(old, new) == []


def test_a_key_set_on_the_host_of_a_backend_is_still_one():
    validators = [{**VALIDATOR, "jwk_url": "http://shop:8000/keys", "disable_jwk_security": True} for _ in "ab"]
    validators[1]["roles"] = ["user", "guest"]
    (found,) = reported(*(tree({"auth/validator": one}) for one in validators))
    assert found.evidence == "shown"
    assert "guest" in found.sentence


def test_limits_beyond_what_is_tried_follow_from_their_sizes():
    old, new = (tree({"qos/ratelimit/router": {"max_rate": rate}}) for rate in (5_000, 6_000))
    (found,) = reported(old, new)
    assert found.evidence == "compared"
    assert found.opens


def test_a_large_limit_behind_a_small_one_is_no_difference_that_is_certain():
    old, new = (
        tree({"qos/ratelimit/router": {"max_rate": 5_000 + more, "client_max_rate": 3, "strategy": "ip"}})
        for more in (0, 1_000)
    )
    sides = [(one.config.endpoints[0], -1, one.plan) for one in map(loaded, (old, new))]
    assert not differ_beyond(1_000, *sides)


def test_the_circuit_of_a_no_op_endpoint_is_tried_with_a_slow_backend():
    new = tree(output_encoding="no-op")
    new["endpoints"][0]["backend"][0]["extra_config"] = {
        "qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 1}
    }
    (found,) = reported(tree(output_encoding="no-op"), new)
    assert found.evidence == "shown"


def test_a_guard_is_shown_by_what_it_decides_itself():
    keys = {"auth/api-keys": {"keys": [{"key": "k-1", "roles": ["partner"]}]}}
    old = tree({"auth/api-keys": {}}, keys)
    new = tree(cel("'X-A' in req_headers"), keys, input_headers=["X-A"])
    by_kind = {one.kind: one for one in reported(old, new) if one.kind in (Kind.GUARD_GONE, Kind.GUARD_STRONGER)}
    assert "key" not in by_kind[Kind.GUARD_GONE].example.condition
    assert any("API key" in value for _, value in by_kind[Kind.GUARD_STRONGER].example.fields)


def test_an_endpoint_s_policy_says_nothing_of_methods_that_another_endpoint_has():
    def two(methods):
        made = tree({"crossgate/cors": {"allow_origins": ["https://a.example"], "allow_methods": methods}})
        made["endpoints"].append({**made["endpoints"][0], "method": "DELETE", "extra_config": {}})
        return made

    assert reported(two(["GET", "PUT"]), two(["GET", "PUT", "DELETE"])) == []
    assert len(reported(two(["GET"]), two(["GET", "PUT"]))) == 1


def test_fields_that_scripts_may_read_are_shown_by_the_call_that_is_let_through():
    def made(*names):
        own = {"allow_origins": ["https://a.example"], "allow_methods": ["PUT"], "expose_headers": [*names]}
        return tree({"crossgate/cors": own}, method="PUT")

    (found,) = reported(made("X-A"), made("X-A", "X-B"))
    assert found.evidence == "shown"
    assert found.example.method == "PUT"


def test_the_service_s_policy_is_shown_where_no_endpoint_has_its_own():
    def made(origin):
        own = {"crossgate/cors": {"allow_origins": ["https://own.example"]}}
        return tree(own, {"security/cors": {"allow_origins": [origin]}})

    found = reported(made("https://a.example"), made("https://b.example"))
    assert {one.example.target for one in found} == {"/not/there"}


def test_who_may_read_answers_to_get_now_is_told_first():
    old, new = (
        tree(service={"security/cors": {"allow_origins": ["https://a.example"], "allow_methods": methods}})
        for methods in (["POST"], ["POST", "GET"])
    )
    assert [one.kind for one in reported(old, new)] == [Kind.READABLE]


def test_what_is_signed_is_shown_though_signatures_are_others_each_time():
    signer = {"alg": "ES256", "kid": "one", "jwk_url": "https://id.example/k", "keys_to_sign": ["token"]}
    old, new = (tree({"auth/signer": {**signer, "keys_to_sign": names}}) for names in (["token"], ["token", "more"]))
    (found,) = reported(old, new)
    assert (found.evidence, found.sentence) == ("shown", "more is signed now")
    assert reported(old, old) == []
