"""Settings and the system checks over them."""

from typing import Any

import pytest
from django.test import override_settings

from embeddings.checks import check_configuration
from embeddings.conf import EmbeddingsConfig, get_config, get_encoder
from embeddings.encoders.fake import FakeEncoder
from embeddings.errors import ConfigurationError, EncoderUnavailable

FAKE = {"BACKEND": "embeddings.encoders.fake.FakeEncoder"}


def ids(embeddings: Any) -> list[str]:
    with override_settings(EMBEDDINGS=embeddings):
        return [str(message.id) for message in check_configuration(None)]


def test_the_settings_of_the_tests_are_sound() -> None:
    assert check_configuration(None) == []
    assert isinstance(get_encoder(), FakeEncoder)


@override_settings(EMBEDDINGS={"ENCODER": FAKE})
def test_what_is_not_given_has_a_default() -> None:
    """The same default whether a key is missing or the table is made by hand."""
    assert get_config() == EmbeddingsConfig(encoder_backend=FAKE["BACKEND"])


@override_settings(
    EMBEDDINGS={
        "ENCODER": {**FAKE, "OPTIONS": {"dimensions": 8}},
        "RRF_CONSTANT": 10,
        "LEXICAL_WEIGHT": 0.5,
        "CANDIDATES": 3,
    }
)
def test_every_key_arrives() -> None:
    config = get_config()
    assert (config.rrf_constant, config.lexical_weight, config.candidates) == (10, 0.5, 3)
    assert get_encoder().dimensions == 8


@pytest.mark.parametrize(
    "embeddings",
    [None, {}, [], {"ENCODER": {}}, {"ENCODER": {"OPTIONS": {}}}, {"ENCODER": FAKE, "INDEX_PATH": "x"}],
    ids=str,
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_told_at_start_up(embeddings: Any) -> None:
    assert ids(embeddings) == ["embeddings.E001"]


@pytest.mark.parametrize("encoder", ["embeddings.encoders.fake.FakeEncoder", None])
def test_an_encoder_that_is_not_a_table_is_told_at_start_up(encoder: Any) -> None:
    assert ids({"ENCODER": encoder}) == ["embeddings.E001"]


@override_settings(EMBEDDINGS={"ENCODER": FAKE, "SPEED": 1, "COLOUR": 2})
def test_unknown_keys_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"COLOUR, SPEED"):
        get_config()


@pytest.mark.parametrize("backend", ["no.such.Encoder", "embeddings.encoders.fake.NoSuch", "word"])
def test_a_class_that_does_not_exist_is_told_at_start_up(backend: str) -> None:
    assert ids({"ENCODER": {"BACKEND": backend}}) == ["embeddings.E002"]


@pytest.mark.parametrize("options", [{"unknown": 1}, {"path": "x"}])
def test_options_that_the_class_does_not_take_are_told_at_start_up(options: dict[str, Any]) -> None:
    assert ids({"ENCODER": {**FAKE, "OPTIONS": options}}) == ["embeddings.E003"]


def test_options_that_the_class_cannot_do_without_are_told_at_start_up() -> None:
    backend = "embeddings.encoders.sentence_transformer.SentenceTransformerEncoder"
    assert ids({"ENCODER": {"BACKEND": backend}}) == ["embeddings.E003"]


def test_a_model_that_is_not_there_is_told_at_start_up_by_its_encoder() -> None:
    backend = "embeddings.encoders.sentence_transformer.SentenceTransformerEncoder"
    encoder = {"BACKEND": backend, "OPTIONS": {"model": "/nowhere"}}
    assert ids({"ENCODER": encoder}) == ["embeddings.E004"]


@pytest.mark.parametrize(
    "encoder",
    [
        {"BACKEND": "no.such.Encoder"},
        {"BACKEND": "embeddings.encoders.static.StaticEncoder", "OPTIONS": {"path": "/nowhere"}},
        {**FAKE, "OPTIONS": {"dimensions": 2, "concepts": {"a": [], "b": []}}},
        {**FAKE, "OPTIONS": {"unknown": 1}},
        {"BACKEND": "builtins.dict"},
    ],
    ids=["missing class", "missing model", "bad value", "unknown option", "no encoder"],
)
def test_an_encoder_that_cannot_be_built_is_unavailable(encoder: dict[str, Any]) -> None:
    unavailable = pytest.raises(EncoderUnavailable, match=encoder["BACKEND"])
    with override_settings(EMBEDDINGS={"ENCODER": encoder}), unavailable:
        get_encoder()


def test_changed_settings_bring_another_encoder_and_the_old_one_comes_back() -> None:
    before = get_encoder().encoder_id
    with override_settings(EMBEDDINGS={"ENCODER": FAKE}):
        assert get_encoder().encoder_id != before
    assert get_encoder().encoder_id == before


@override_settings(EMBEDDINGS={"ENCODER": {"BACKEND": "collections.OrderedDict"}})
def test_a_backend_that_is_no_encoder_is_told_by_the_check() -> None:
    assert [(error.id, error.msg) for error in check_configuration(None)] == [
        ("embeddings.E002", "EMBEDDINGS['ENCODER']: collections.OrderedDict is no Encoder.")
    ]
