"""The encodings json and safejson, and what any unknown name means."""

import pytest

from crossgate.pipeline.decode import DecodeError, decoder_for

json_decoder = decoder_for("json")
safejson_decoder = decoder_for("safejson")


@pytest.mark.parametrize("name", ["", "json", "JSON", "yaml", "fast-json", "nonsense"])
def test_other_names_mean_json(name):
    assert decoder_for(name) is json_decoder


def test_an_object_is_the_data():
    assert json_decoder(b' {"a": [1, {"b": null}]} ', False) == {"a": [1, {"b": None}]}


def test_a_collection_is_put_under_its_key():
    assert json_decoder(b'[1, {"a": 2}]', True) == {"collection": [1, {"a": 2}]}


def test_null_is_no_data_and_an_empty_collection_stays_null():
    assert json_decoder(b"null", False) is None
    assert json_decoder(b"null", True) == {"collection": None}


@pytest.mark.parametrize(
    ("body", "is_collection", "message"),
    [
        (b"[]", False, "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'"x"', False, "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (b"1.0", False, "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (b"12 ", False, "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (b"true", False, "json: cannot unmarshal bool into Go value of type map[string]interface {}"),
        (b"{}", True, "json: cannot unmarshal object into Go value of type []interface {}"),
        (b"", False, "EOF"),
        (b"", True, "EOF"),
        (b"{bad}", False, "invalid character 'b' looking for beginning of object key string"),
        (b"[bad]", False, "invalid character 'b' looking for beginning of value"),
        (b"[" * 20_000, True, "invalid character '[' exceeded max depth"),
    ],
)
def test_what_does_not_fit_has_the_words_of_go(body, is_collection, message):
    with pytest.raises(DecodeError) as raised:
        json_decoder(body, is_collection)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'{"a":1}', {"a": 1}),
        (b"[1,2]", {"collection": [1, 2]}),
        (b'"x"', {"content": "x"}),
        (b"7", {"content": 7}),
        (b"false", {"content": False}),
        (b"null", {"content": None}),
    ],
)
@pytest.mark.parametrize("is_collection", [False, True])
def test_safejson_takes_any_value(body, data, is_collection):
    assert safejson_decoder(body, is_collection) == data


def test_safejson_refuses_what_is_no_json():
    with pytest.raises(DecodeError, match=r"^EOF$"):
        safejson_decoder(b"", False)
