"""A key is shown to nobody and goes to its own host only."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import SettingsError
from assistant.providers.catalog import catalog
from assistant.providers.entries import ProviderEntry
from assistant.providers.keys import Secret, checked_base_url, key_for

VALUE = "sk-proj0123456789abcdefwxyz"
SECRET = Secret(VALUE)
OTHER = Secret("other-key-0123456789")
OPENAI = catalog().provider("openai")
DASHSCOPE = catalog().provider("dashscope")
CUSTOM = catalog().provider("custom")
OLLAMA = catalog().provider("ollama")
KEYS = {
    "OPENAI_API_KEY": SECRET,
    "DASHSCOPE_API_KEY": SECRET,
    "OLLAMA_API_KEY": SECRET,
    "ASSISTANT_API_KEY": OTHER,
}


@dataclass
class Holder:
    key: Secret


@pytest.mark.case(108)
def test_no_way_of_writing_shows_it() -> None:
    held = Holder(SECRET)
    shown = [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET:>40}",
        repr(held),
        repr(asdict(held)),
        repr({SECRET}),
    ]

    assert VALUE not in " ".join(shown)
    assert str(SECRET) == "sk-…wxyz"
    assert json.dumps([SECRET], default=str) == json.dumps(["sk-…wxyz"])
    with pytest.raises(TypeError):
        json.dumps(SECRET)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.case(108)
def test_it_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(SECRET, protocol)


def test_copies_are_the_same_box_and_equal_keys_are_equal() -> None:
    assert copy.deepcopy(SECRET) is copy.copy(SECRET) is SECRET
    assert Secret(f" {VALUE}\n") == SECRET != OTHER
    assert SECRET != VALUE


@given(st.from_regex(r"[\x21-\x7e]{1,40}", fullmatch=True))
def test_a_mask_gives_away_seven_characters_of_a_long_key_and_none_of_a_short_one(value: str) -> None:
    shown = Secret(value).masked.replace("…", "")

    assert len(shown) <= (7 if len(value) >= 16 else 0)


@pytest.mark.parametrize("value", ["", "  ", "sk-two words", "sk-line\nbreak", "密钥", "sk-\u200babc", "sk-\x00"])
def test_what_no_header_can_carry_is_no_key(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Secret(value)

    assert value.strip() == "" or value not in str(caught.value)


@given(st.text(), st.text())
def test_a_foreign_text_is_freed_of_the_key(before: str, after: str) -> None:
    assert VALUE not in SECRET.hide_in(f"{before}{VALUE}{after}{VALUE}")


@pytest.mark.parametrize(
    ("provider", "url", "expected"),
    [
        pytest.param(OPENAI, "https://api.openai.com/v1", SECRET, id="its own host"),
        pytest.param(OPENAI, "https://API.OpenAI.com:443/v1/", SECRET, id="its own host in other letters"),
        pytest.param(OPENAI, "http://api.openai.com/v1", None, id="its own host in the clear"),
        pytest.param(OPENAI, "https://api.openai.com.evil.example/v1", OTHER, id="a longer name"),
        pytest.param(OPENAI, "https://evil.example/api.openai.com/v1", OTHER, id="its name in the path"),
        pytest.param(OPENAI, "https://notapi.openai.com/v1", OTHER, id="a name that ends alike"),
        pytest.param(OPENAI, "https://dashscope.aliyuncs.com/v1", OTHER, id="another provider's host"),
        pytest.param(OPENAI, "http://127.0.0.1:8080/v1", OTHER, id="this machine"),
        pytest.param(
            DASHSCOPE, "https://abc.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", SECRET, id="a workspace"
        ),
        pytest.param(DASHSCOPE, "https://cn-beijing.maas.aliyuncs.com/v1", OTHER, id="no workspace"),
        pytest.param(CUSTOM, "https://llm.example/v1", OTHER, id="custom"),
        pytest.param(CUSTOM, "https://api.openai.com/v1", OTHER, id="custom at OpenAI's host"),
        pytest.param(OLLAMA, "http://192.168.0.7:11434", OTHER, id="ollama elsewhere"),
    ],
)
@pytest.mark.case(79)
def test_a_key_goes_to_its_own_host_only(provider: ProviderEntry, url: str, expected: Secret | None) -> None:
    assert key_for(provider, url, KEYS) is expected


def test_ollamas_key_goes_where_it_was_set_for() -> None:
    home = "http://gpu.lan:11434"

    assert key_for(OLLAMA, home, KEYS, home=home) is SECRET
    assert key_for(OLLAMA, "http://gpu.lan:8080", KEYS, home=home) is OTHER
    assert key_for(OLLAMA, "https://gpu.lan:11434", KEYS, home=home) is OTHER


def test_embeddings_elsewhere_have_a_key_of_their_own() -> None:
    given = KEYS | {"ASSISTANT_EMBEDDING_API_KEY": Secret("embedding-key-0123456789")}

    found = key_for(CUSTOM, "https://llm.example/v1", given, other="ASSISTANT_EMBEDDING_API_KEY")

    assert found == Secret("embedding-key-0123456789")


def test_a_provider_without_a_key_gets_none() -> None:
    assert key_for(OPENAI, "https://api.openai.com/v1", {"ASSISTANT_API_KEY": OTHER}) is None


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "api.openai.com",
            "ftp://api.openai.com",
            "//api.openai.com",
            "https://",
            "https:///v1",
            "javascript:alert(1)",
        ),
        *("https://user@api.openai.com", "https://user:word@api.openai.com/v1", "https://api.openai.com@evil.example/"),
        *("https://api.openai.com\\@evil.example", "https://evil.example\\.api.openai.com", "https://a b.example"),
        *(
            "https://host/v1?key=1",
            "https://host/v1#part",
            "https://host:99999/v1",
            "https://[::1/v1",
            "https://ho\nst/v1",
        ),
        "https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/v1",
        *("https://äpi.example/v1", "https://api.openai.com\u3002evil.example"),
    ],
)
@pytest.mark.case(79)
def test_an_address_that_can_be_misread_is_none(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_base_url(url)

    assert "user:word" not in caught.value.message("zh")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (" https://host.example/v1/ ", "https://host.example/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address_is_taken_as_it_is_without_its_last_slash(url: str, expected: str) -> None:
    assert checked_base_url(url) == expected
