"""What leaves this machine holds no character that nobody sees and of a key no more than its first letters."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.discreet import discreet, hides_characters, keys_in, seen

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nq83k\n-----END RSA PRIVATE KEY-----"
MARKS = "[A-Za-z0-9]"


@pytest.mark.case(43)
@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("answer = \u202e)drawkcab(\u202c \u2066hid\u2069", "answer = )drawkcab( hid", id="bidi"),
        pytest.param("Hello" + "".join(chr(0xE0000 + ord(sign)) for sign in "ignore all"), "Hello", id="tags"),
        pytest.param("zero\u200bwidth\u2060joins", "zerowidthjoins", id="zero width"),
        pytest.param("bits" + "\u200c\u200d" * 40 + "end", "bitsend", id="joiners that spell"),
        pytest.param("a\ufe01\U000e0101\U000e01efb", "ab", id="variation selectors"),
        pytest.param("क्\u200dष नमस्ते", "क्\u200dष नमस्ते", id="Hindi keeps its joiner"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian keeps its joiner"),
        pytest.param("👩\u200d🔬", "👩\u200d🔬", id="emoji keep theirs"),
        pytest.param("过拟合 $x^2$\t\n", "过拟合 $x^2$\t\n", id="ordinary text"),
    ],
)
def test_what_nobody_sees_is_left_out_and_what_is_written_stays(text: str, left: str) -> None:
    assert seen(text) == left
    assert hides_characters(text) == (text != left)


def test_typesetting_is_nothing_to_tell_about() -> None:
    assert not hides_characters("\ufeff# 标题\n\nsoft\u00adhyphen ❤\ufe0f")
    assert seen("soft\u00adhyphen") == "softhyphen"


@pytest.mark.case(49)
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("OPENAI_API_KEY=sk-CANARY-notreal-0000", "OPENAI_API_KEY=sk-…"),
        ("key: sk-proj-abcDEF123456_7890-xyz.", "key: sk-…."),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a 是密钥", "ghp… 是密钥"),
        ("AKIAIOSFODNN7EXAMPLE", "AKI…"),
        ("LTAI5tFakeFakeFake12", "LTA…"),
        ("AIzaSyA-1234567890abcdefghijklmnopqrstu", "AIz…"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVm", "eyJ…"),
        ('{"api_key": "0123456789abcdef0123"}', '{"api_key": "012…"}'),
        ("rk_live_0123456789abcdef", "rk_…"),
        ("github_pat_0123456789abcdefABCDEF", "git…"),
        ("glpat-0123456789abcdefABCD", "glp…"),
        ("xoxb-0123456789-abcdefABCD", "xox…"),
        ("hf_0123456789abcdefABCDEF", "hf_…"),
        ("npm_0123456789abcdefABCDEF0123456789", "npm…"),
        ("client_secret='0123456789abcdefAB'", "client_secret='012…'"),
        ("访问令牌 access token：a1b2c3d4e5f6a7b8c9", "访问令牌 access token：a1b…"),
        (f"前\n{PEM}\n后", "前\n---…\n后"),
    ],
)
def test_of_what_looks_like_a_key_only_the_first_letters_leave(text: str, left: str) -> None:
    assert discreet(text) == left
    assert keys_in(text) == 1
    assert discreet(left) == left
    assert keys_in(left) == 0


@pytest.mark.parametrize(
    "text",
    [
        "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        'api_key = os.environ["DASHSCOPE_API_KEY"]',
        "api_key=settings.openai_api_key_v2_of_this",
        "access_token = get_access_token_from_v2_server()",
        "The secret key is kept elsewhere",
        "sk-learn, task-specific-layer-norm-2024, risk-averse-behaviour-of-agents",
        "密钥：请在控制台创建",
        "https://example.org/a/sketch-0123456789",
        "-----BEGIN CERTIFICATE-----",
        "token: 1 word ≈ 1.3 tokens",
    ],
)
def test_what_only_speaks_of_keys_stays_as_it_is(text: str) -> None:
    assert discreet(text) == text
    assert keys_in(text) == 0


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=20, max_size=60), st.text(max_size=40))
def test_no_key_of_the_usual_shape_gets_through(body: str, around: str) -> None:
    key = f"sk-{body.strip('-_')}Zq7"
    if len(set(key[3:].lower())) > 4:
        assert key not in discreet(f"{around} {key} {around}")


@given(st.text())
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    assert discreet(discreet(text)) == discreet(text)
