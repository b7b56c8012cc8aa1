"""Every sentence of the checks is there in both languages, is said somewhere, and every check has a name."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.doctor.texts import LANGUAGES, joined, said, sentences

ROOM = Path(__file__).parents[2] / "assistant" / "doctor"
SOURCE = "".join(file.read_text("utf-8") for file in ROOM.glob("*.py"))


def test_every_sentence_has_both_languages_with_the_same_places_to_fill() -> None:
    for table in sentences().values():
        for name, sentence in table.items():
            assert set(sentence) == set(LANGUAGES), name
            assert all(text.strip() for text in sentence.values()), name
            fields = [sorted(re.findall(r"{(\w+)}", text)) for text in sentence.values()]
            assert fields[0] == fields[1], name


def test_every_sentence_is_said_and_everything_said_is_a_sentence() -> None:
    quoted = set(re.findall(r'"(\w+)"', SOURCE))
    sayings = set(re.findall(r'said\(\s*"(\w+)"', SOURCE))

    assert sayings <= set(sentences()["said"])
    assert set(sentences()["said"]) <= quoted


def test_every_check_has_a_name() -> None:
    named = {f"{use}_{name}" for name in re.findall(r'subject\.step\("(\w+)"', SOURCE) for use in ("chat", "embedding")}
    named |= set(re.findall(r'Step\("\w+", "(\w+)"', SOURCE))

    only_one = {"answer", "stream", "usage", "thinking", "vector", "batch"}
    wanted = {name for name in named if name.partition("_")[2] not in only_one}
    assert wanted <= set(sentences()["names"])
    assert len(sentences()["names"]) > len(wanted)


def test_a_value_may_be_in_both_languages_and_is_not_filled_in_again() -> None:
    assert said("plain", text={"zh": "一", "en": "one"}) == {"zh": "一", "en": "one"}
    assert said("plain", text="{text}") == {"zh": "{text}", "en": "{text}"}
    assert joined(said("plain", text="a"), said("plain", text=""), said("plain", text="b"))["en"] == "a b"
