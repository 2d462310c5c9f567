"""What the rules across a file say, beyond the golden files."""

import json

import pytest

from crossgate.config import load_text

HOST = ["http://127.0.0.1:8081"]


def backend(url_pattern="/b", **keys):
    return {"url_pattern": url_pattern} | keys


def endpoint(path="/a", *backends, **keys):
    return {"endpoint": path, "backend": list(backends) or [backend()]} | keys


def said(*endpoints, version=3, host=HOST, about=None, **root):
    tree = {"version": version, "host": host, "endpoints": list(endpoints)} | root
    found = load_text(json.dumps(tree).encode(), environ={}).diagnostics
    return [(d.code, str(d.severity), d.path.removeprefix("$.")) for d in found if about in (None, d.code)]


PROXY = {3: "proxy", 2: "github.com/devopsfaith/krakend/proxy"}
SEQUENTIAL = {"proxy": {"sequential": True}}
SHADOW = {"extra_config": {"proxy": {"shadow": True}}}
CORS = {"security/cors": {"allow_origins": ["https://app.example.com"]}}


@pytest.mark.parametrize("version", [2, 3])
def test_plain_file_is_clean(version):
    assert said(endpoint("/a/{id}", backend("/b/{id}")), version=version) == []


@pytest.mark.parametrize("name", ["resp0_x", "resp12_a.b", "JWT.sub", "JWT.https://x/y"])
def test_sequential_variables_and_claims_are_no_undefined_parameters(name):
    assert said(endpoint("/a", backend(f"/b/{{{name}}}")), about="CFG301") == []


@pytest.mark.parametrize("name", ["x", "ID", "resp0", "resp_x", "JWT", "JWT."])
def test_other_placeholders_need_a_parameter(name):
    assert said(endpoint("/a/{id}", backend(f"/b/{{{name}}}")), about="CFG301") == [
        ("CFG301", "error", "endpoints[0].backend[0].url_pattern")
    ]


def test_health_check_takes_its_path_in_version_2_too():
    assert said(endpoint("/__health"), version=2) == [("CFG302", "error", "endpoints[0].endpoint")]
    assert said(endpoint("/__health", method="POST"), version=2) == []


def test_health_check_that_is_disabled_takes_no_path():
    live = {"health_path": "/live"}
    assert said(endpoint("/live"), extra_config={"router": live}) == [("CFG302", "error", "endpoints[0].endpoint")]
    assert said(endpoint("/live"), extra_config={"router": live | {"disable_health": True}}) == []


def test_endpoint_that_is_not_served_takes_no_route():
    assert said(endpoint("/a", method="OPTIONS"), endpoint("/a", method="OPTIONS"), about="CFG302") == []


def test_parameter_names_must_agree_across_methods_with_auto_options_only():
    pair = (endpoint("/a/{x}"), endpoint("/a/{y}", method="POST"))
    assert said(*pair) == []
    assert said(*pair, extra_config={"router": {"auto_options": True}}) == [
        ("CFG303", "error", "endpoints[1].endpoint")
    ]


def test_root_encoding_makes_every_endpoint_no_op():
    assert said(endpoint("/a", backend(), backend()), output_encoding="no-op") == [("CFG306", "error", "endpoints[0]")]
    assert said(endpoint("/a", backend(), backend(), output_encoding="json"), output_encoding="no-op") == []


def test_host_of_the_root_serves_all_backends():
    assert said(endpoint(), host=[]) == [("CFG305", "warning", "endpoints[0].backend[0]")]
    assert said(endpoint("/a", backend(host=[])), host=[]) == [("CFG305", "warning", "endpoints[0].backend[0].host")]
    assert said(endpoint("/a", backend(host=HOST)), host=[]) == []


def test_backend_that_calls_no_host_needs_none():
    lambda_backend = backend(extra_config={"backend/lambda": {"function_name": "f"}})
    assert said(endpoint("/a", lambda_backend), host=[], about="CFG305") == []


def test_timeout_of_the_root_is_reported_once():
    assert said(endpoint("/a"), endpoint("/c"), timeout="-1s") == [("CFG307", "warning", "timeout")]
    assert said(endpoint("/a", timeout="1ms"), timeout="-1s") == []
    assert said(endpoint("/a", timeout="999us")) == [("CFG307", "warning", "endpoints[0].timeout")]


def test_zero_timeouts_mean_the_default():
    assert said(endpoint("/a", timeout="0s"), timeout="0s", write_timeout="0s") == []


def test_sequential_variables_count_backends_without_shadows():
    first, second = backend("/b"), backend("/c/{resp0_id}")
    assert said(endpoint("/a", first, second, extra_config=SEQUENTIAL)) == []
    assert said(endpoint("/a", first, second | SHADOW, backend("/d/{resp1_id}"), extra_config=SEQUENTIAL)) == [
        ("CFG309", "warning", "endpoints[0].backend[1].url_pattern"),
        ("CFG309", "warning", "endpoints[0].backend[2].url_pattern"),
    ]


def test_sequential_of_version_2_is_understood():
    pair = (backend("/b"), backend("/c/{resp0_id}"))
    assert said(endpoint("/a", *pair, extra_config={PROXY[2]: {"sequential": True}}), version=2) == []


@pytest.mark.parametrize(
    ("name", "count"), [("resp0_x", 0), ("resp1", 0), ("resp2_x", 1), ("resp99999999999", 1), ("x", 0)]
)
def test_propagated_parameters_name_backends_that_exist(name, count):
    proxy = {"sequential": True, "sequential_propagated_params": ["resp0_y", name]}
    path = "endpoints[0].extra_config.proxy.sequential_propagated_params[1]"
    found = said(endpoint("/a", backend(), backend(), extra_config={"proxy": proxy}))
    assert found == [("CFG309", "warning", path)] * count


def test_method_left_out_is_at_the_method_or_at_the_endpoint():
    cors = {"security/cors": {"allow_origins": ["https://app.example.com"], "allow_methods": ["PUT"]}}
    assert said(endpoint("/a"), endpoint("/b", method="post"), endpoint("/c", method="PUT"), extra_config=cors) == [
        ("COR402", "warning", "endpoints[0]"),
        ("COR402", "warning", "endpoints[1].method"),
    ]


def test_method_left_out_looks_at_the_policy_of_the_endpoint():
    own = {"crossgate/cors": {"allow_methods": ["DELETE"]}}
    assert said(endpoint("/a", method="DELETE", extra_config=own), extra_config=CORS) == []
    assert said(endpoint("/a", method="DELETE"), extra_config=CORS) == [("COR402", "warning", "endpoints[0].method")]
    assert said(endpoint("/a", method="DELETE")) == []


def test_method_in_any_rule_of_the_policy_is_not_left_out():
    rules = [{"allow_origins": ["https://admin.example.com"], "allow_methods": ["DELETE"]}]
    cors = {"crossgate/cors": {"allow_origins": ["https://app.example.com"], "rules": rules}}
    assert said(endpoint("/a", method="DELETE"), extra_config=cors) == []


def test_version_2_compares_methods_without_letter_case():
    block = {"allow_origins": ["https://app.example.com"], "allow_methods": ["delete"]}
    assert (
        said(endpoint("/a", method="DELETE"), version=2, extra_config={"github_com/devopsfaith/krakend-cors": block})
        == []
    )


def test_origin_may_be_forwarded_where_the_backend_does_cors():
    plain = endpoint("/a", input_headers=["Origin"])
    assert said(plain) == []
    assert said(plain, extra_config=CORS) == [("COR403", "note", "endpoints[0].input_headers[0]")]
    assert said(plain, extra_config={**CORS, "crossgate/cors": {"upstream": "pass"}}) == []


def test_passthrough_is_fine_where_something_answers():
    block = {"security/cors": {"allow_origins": ["https://app.example.com"], "options_passthrough": True}}
    path = 'extra_config["security/cors"].options_passthrough'
    assert said(endpoint(), extra_config=block) == [("COR401", "warning", path)]
    assert said(endpoint(), extra_config={**block, "router": {"auto_options": True}}) == []


def test_passthrough_is_found_in_every_policy_of_our_own():
    policies = {"policies": {"p": {"options_passthrough": True, "allow_origins": ["https://app.example.com"]}}}
    own = {"crossgate/cors": {"policy": "p", "options_passthrough": True}}
    assert said(endpoint("/a", extra_config=own), extra_config={"crossgate/cors": policies}, about="COR401") == [
        ("COR401", "warning", 'endpoints[0].extra_config["crossgate/cors"].options_passthrough'),
        ("COR401", "warning", 'extra_config["crossgate/cors"].policies.p.options_passthrough'),
    ]


def test_broken_values_are_not_judged_a_second_time():
    broken = {"endpoint": 5, "method": [], "timeout": "x", "backend": [{"url_pattern": {}, "host": 7, "timeout": "y"}]}
    assert all(code.startswith("CFG2") for code, *_ in said(broken, broken, timeout="z"))


def test_thousand_endpoints_cost_a_thousand_times_one():
    many = [endpoint(f"/tenant/{number}/{{id}}/x", backend("/b/{id}")) for number in range(1000)]
    assert said(*many, extra_config=CORS) == []


def cors(**block):
    return {"extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"]} | block}}


HEADERS = 'extra_config["security/cors"].allow_headers'


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_json_is_blocked_where_the_list_lacks_content_type(method):
    listed = cors(allow_headers=["X-A"], allow_methods=["GET", method])
    assert said(endpoint("/a", method=method), endpoint("/b", method=method), **listed) == [
        ("COR404", "warning", HEADERS)
    ]


@pytest.mark.parametrize("headers", [[], ["*"], ["X-A", "content-TYPE"]])
def test_json_passes_where_the_header_is_allowed(headers):
    assert said(endpoint("/a", method="POST"), about="COR404", **cors(allow_headers=headers)) == []


def test_json_is_nobodys_concern_where_no_page_gets_that_far():
    listed = cors(allow_headers=["X-A"], allow_methods=["GET"])
    assert said(endpoint("/a"), endpoint("/b", method="DELETE"), about="COR404", **listed) == []
    assert said(endpoint("/a", method="POST"), **listed) == [("COR402", "warning", "endpoints[0].method")]
    assert said(endpoint("/a", method="POST")) == []


def test_default_headers_of_version_2_let_json_pass():
    root = {"extra_config": {"github_com/devopsfaith/krakend-cors": {"allow_origins": ["https://app.example.com"]}}}
    assert said(endpoint("/a", method="POST"), version=2, **root) == []


def test_blocked_json_is_said_where_the_list_stands():
    own = {"crossgate/cors": {"allow_headers": ["X-A"]}}
    policies = {"policies": {"p": {"allow_origins": ["https://app.example.com"], "allow_headers": ["X-A"]}}}
    by_name = {"crossgate/cors": {"policy": "p"}}
    found = said(
        endpoint("/a", method="POST", extra_config=own),
        endpoint("/b", method="POST", extra_config=by_name),
        endpoint("/c", method="POST"),
        about="COR404",
        extra_config={**CORS, "crossgate/cors": policies},
    )
    assert found == [
        ("COR404", "warning", 'endpoints[0].extra_config["crossgate/cors"].allow_headers'),
        ("COR404", "warning", 'extra_config["crossgate/cors"].policies.p.allow_headers'),
    ]


def test_a_rule_of_the_policy_that_allows_the_header_is_enough():
    rules = [{"allow_origins": ["https://admin.example.com"], "allow_headers": ["Authorization", "Content-Type"]}]
    own = {"crossgate/cors": {"allow_origins": ["https://app.example.com"], "allow_headers": ["X-A"], "rules": rules}}
    assert said(endpoint("/a", method="POST", input_headers=["Authorization"]), extra_config=own) == []


TOKEN = {"auth/validator": {"alg": "RS256", "jwk_url": "https://id.example.com/keys"}}


@pytest.mark.parametrize(
    "needs",
    [{"extra_config": TOKEN}, {"input_headers": ["authorization"]}, {"input_headers": ["X-A", "Authorization"]}],
)
def test_authorization_is_blocked_where_an_endpoint_needs_it(needs):
    found = said(endpoint("/a", **needs), endpoint("/b"), about="COR405", **cors(allow_headers=["Content-Type"]))
    assert found == [("COR405", "warning", HEADERS)]
    assert said(endpoint("/a", **needs), about="COR405", **cors(allow_headers=["AUTHORIZATION"])) == []
    assert said(endpoint("/a", **needs), about="COR405", **cors()) == []


@pytest.mark.parametrize(
    "needs",
    [
        {"input_headers": ["*"]},
        {"extra_config": {"auth/validator": TOKEN["auth/validator"] | {"cookie_key": "token"}}},
        {"extra_config": {"@auth/validator": TOKEN["auth/validator"]}},
    ],
)
def test_authorization_is_no_concern_where_nothing_asks_for_it(needs):
    assert said(endpoint("/a", **needs), about="COR405", **cors(allow_headers=["X-A"])) == []


def test_old_name_of_the_validator_counts_in_both_versions():
    old = {"github.com/devopsfaith/krakend-jose/validator": {"alg": "RS256"}}
    for version, name in ((2, "github_com/devopsfaith/krakend-cors"), (3, "security/cors")):
        root = {"extra_config": {name: {"allow_origins": ["https://app.example.com"], "allow_headers": ["X-A"]}}}
        found = said(endpoint("/a", extra_config=old), version=version, about="COR405", **root)
        assert found == [("COR405", "warning", f'extra_config["{name}"].allow_headers')]


BACKEND = "endpoints[0].backend[0]"


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        ({"allow": ["*"]}, ["allow[0]"]),
        ({"deny": ["user.*.password"]}, ["deny[0]"]),
        ({"deny": ["*", "a"]}, ["deny[0]"]),
        ({"allow": ["id", "collection"], "is_collection": True}, ["allow[0]"]),
        ({"deny": ["collection.id"], "is_collection": True}, ["deny[0]"]),
        ({"deny": ["id", "name"], "is_collection": True}, ["deny[0]", "deny[1]"]),
        ({"deny": "a,*"}, ["deny"]),
        ({"allow": ["a.b", "c*", "*d"]}, []),
        ({"allow": ["a"], "deny": ["*"]}, []),
        ({"deny": ["collection"], "is_collection": True}, []),
        ({"deny": ["id"], "is_collection": True, "target": "data"}, []),
        ({"deny": ["*"], "extra_config": {"proxy": {"flatmap_filter": [{"type": "del", "args": ["a"]}]}}}, []),
    ],
)
def test_filter_that_cannot_match_is_said_at_its_entry(keys, places):
    found = said(endpoint("/a", backend(**keys)), about="CFG313")
    assert found == [("CFG313", "warning", f"{BACKEND}.{place}") for place in places]


def test_filter_of_an_answer_that_is_passed_on_unread_has_no_effect():
    raw = endpoint("/a", backend(deny=["password"]), output_encoding="no-op")
    assert said(raw, about="CFG313") == [("CFG313", "warning", f"{BACKEND}.deny[0]")]


def test_filters_of_version_2_are_looked_at_by_their_old_names():
    found = said(endpoint("/a", backend(blacklist=["id"], is_collection=True)), version=2, about="CFG313")
    assert found == [("CFG313", "warning", f"{BACKEND}.blacklist[0]")]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("name", ["security/cors", "github_com/devopsfaith/krakend-cors", "crossgate/cors"])
def test_namespace_that_is_null_is_said_to_set_up_nothing(name, version):
    found = said(endpoint("/a"), version=version, extra_config={name: None})
    assert [(code, severity) for code, severity, _ in found] == [("COR123", "warning")]


@pytest.mark.parametrize("disable_rest", [False, True])
def test_text_after_a_parameter_is_found_whatever_disable_rest_says(disable_rest):
    place = ("CFG310", "warning", "endpoints[0].backend[0].url_pattern")
    tail = endpoint("/v1/lang/{var}.json", backend("/lang/{var}.json"))
    assert said(tail, about="CFG310", disable_rest=disable_rest) == [place]
    plain = endpoint("/v1/lang/{var}/x", backend("/lang/{var}.json"))
    assert said(plain, about="CFG310", disable_rest=disable_rest) == []


def test_text_before_a_parameter_is_what_disable_rest_is_for():
    assert said(endpoint("/v1/lang-{var}", backend("/lang/{var}")), about="CFG310", disable_rest=True) == []
    two = endpoint("/v1/lang-{var}.x/{id}", backend("/lang/{var}/{id}"))
    assert said(two, about="CFG310", disable_rest=True) == [
        ("CFG310", "warning", "endpoints[0].backend[0].url_pattern")
    ]


@pytest.mark.parametrize(
    ("method", "headers", "severity"),
    [
        ("POST", ["Accept-Language"], "note"),
        ("POST", ["Origin", "accept"], "note"),
        ("PUT", ["Accept-Language"], "warning"),
        ("POST", ["Accept-Language", "Authorization"], "warning"),
    ],
)
def test_blocked_json_is_a_note_where_forms_may_be_all_that_is_meant(method, headers, severity):
    listed = cors(allow_headers=headers, allow_methods=[method])
    assert said(endpoint("/a", method=method), about="COR404", **listed) == [("COR404", severity, HEADERS)]


@pytest.mark.parametrize(("listed", "code"), [(["put", "GET"], "COR321"), (["*"], "COR322")])
def test_method_that_is_written_wrongly_is_said_once(listed, code):
    found = said(endpoint("/a", method="PUT"), endpoint("/b"), **cors(allow_methods=listed))
    assert found == [(code, "warning", 'extra_config["security/cors"].allow_methods[0]')]
