"""The learner's own catalogue file: what it adds and replaces, what it must not change, and that a bad one harms nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.bootstrap import open_assistant
from assistant.connections import Choice
from assistant.providers.catalog import OWN, Catalog, catalog, open_catalog
from assistant.settings import Keys, Settings

SHEET = """
[[sheet]]
provider = "dashscope"
region = "cn"
currency = "CNY"
as_of = 2026-11-20
source = "my bill"
"""
ROW = """
[[sheet.chat]]
name = "qwen-plus"
prices = [{ input = 7, output = 8 }]
"""
VENDOR = """
[[provider]]
name = "mine"
labels = { zh = "我的", en = "Mine" }
kind = "openai"
presets = [{ label = "mine", base_url = "https://api.mine.example/v1" }]
[provider.hosts]
"api.mine.example" = "world"
"""


def opened(tmp_path: Path, text: str | bytes) -> Catalog:
    file = tmp_path / OWN
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return open_catalog(file)


def test_without_a_file_the_shipped_catalogue_is_used(tmp_path: Path) -> None:
    assert open_catalog(tmp_path / OWN) is catalog()


def test_a_row_replaces_the_shipped_one_whole_and_the_others_stay(tmp_path: Path) -> None:
    own = opened(tmp_path, SHEET + ROW)
    entry = own.chat("dashscope", "qwen-plus")

    assert own.problem is None
    assert entry.prices is not None
    assert (entry.prices[0].input, entry.as_of, entry.source) == (Decimal(7), date(2026, 11, 20), "my bill")
    assert entry.window is None
    assert own.chat("dashscope", "qwen-flash") == catalog().chat("dashscope", "qwen-flash")
    singapore = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert own.chat("dashscope", "qwen-plus", singapore) == catalog().chat("dashscope", "qwen-plus", singapore)
    assert [one.name for one in own.chats("dashscope")].count("qwen-plus") == 1


def test_rows_can_be_added_in_another_currency_and_for_a_region_without_any(tmp_path: Path) -> None:
    sheet = SHEET.replace('"cn"', '"us"').replace("CNY", "USD")
    own = opened(tmp_path, sheet + ROW.replace("qwen-plus", "qwen-plus-us"))
    virginia = "https://dashscope-us.aliyuncs.com/compatible-mode/v1"

    assert [entry.name for entry in own.chats("dashscope", virginia)] == ["qwen-plus-us"]
    assert own.chat("dashscope", "qwen-plus-us", virginia).currency == "USD"


def test_embedding_and_rerank_rows_are_replaced_as_well(tmp_path: Path) -> None:
    rows = """
[[sheet.embedding]]
name = "text-embedding-v4"
dimension = 512
max_tokens = 100
max_texts = 5
send_dimensions = false
[[sheet.rerank]]
name = "gte-rerank-v2"
path = "/other"
"""
    own = opened(tmp_path, SHEET + rows)

    assert own.embedding("dashscope", "text-embedding-v4").max_texts == 5
    first = own.reranks("dashscope")[0]
    assert (first.name, first.path) == ("gte-rerank-v2", "/other")
    assert len(own.reranks("dashscope")) == len(catalog().reranks("dashscope"))


def test_a_vendor_can_be_added_and_its_only_key_is_the_other_one(tmp_path: Path) -> None:
    own = opened(tmp_path, VENDOR + SHEET.replace("dashscope", "mine").replace('"cn"', '"world"') + ROW)
    vendor = own.provider("mine")

    assert (vendor.key_name, vendor.owns("api.mine.example")) == ("ASSISTANT_API_KEY", True)
    assert own.chat("mine", "qwen-plus").currency == "CNY"
    assert own.knows("mine")
    assert not catalog().knows("mine")


def test_addresses_can_be_added_to_a_shipped_vendor_on_its_own_hosts_only(tmp_path: Path) -> None:
    preset = '[[provider]]\nname = "dashscope"\npresets = [{ label = "work", base_url = "https://%s/v1" }]\n'
    own = opened(tmp_path, preset % "ws-7.cn-beijing.maas.aliyuncs.com")
    assert own.provider("dashscope").presets[-1].label == "work"
    assert own.provider("dashscope").default_base_url == catalog().provider("dashscope").default_base_url

    foreign = opened(tmp_path, preset % "evil.example")
    assert foreign.problem is not None
    assert "evil.example" in foreign.problem.message("en")


@pytest.mark.parametrize(
    ("text", "row", "zh", "en"),
    [
        pytest.param('[[provider]]\nname = "openai"\nhosts = { "evil.example" = "world" }', "provider openai", "hosts", "unknown field hosts", id="hosts of a shipped vendor"),
        pytest.param('[[provider]]\nname = "openai"\nkey_name = "X"', "provider openai", "key_name", "unknown field key_name", id="key of a shipped vendor"),
        pytest.param(VENDOR.replace("[provider.hosts]", 'key_name = "OPENAI_API_KEY"\n[provider.hosts]'), "provider mine", "ASSISTANT_API_KEY", "cannot be given", id="another vendor's key"),
        pytest.param(VENDOR.replace('kind = "openai"', 'kind = "ollama"'), "provider mine", "kind", "kind can only be", id="another kind"),
        pytest.param(VENDOR * 2, "catalog.toml", "出现了两次", "mine given twice", id="the same vendor twice"),
        pytest.param(VENDOR.replace('name = "mine"', "name = 5"), "provider 5", "应是文字", "is no text", id="a name that is a number"),
        pytest.param(VENDOR.replace('labels = { zh = "我的", en = "Mine" }', 'labels = "Mine"'), "provider mine", "labels", "labels must", id="labels that are no table"),
        pytest.param(VENDOR.replace('label = "mine", ', ""), "provider mine", "缺少 label", "label is missing", id="half a preset"),
        pytest.param(VENDOR.replace('"api.mine.example" = "world"', '"api.mine.example" = 1'), "provider mine", "hosts", "hosts is no table", id="a region that is a number"),
        pytest.param("provider = 5", "catalog.toml", "[[provider]]", "no list of tables", id="vendors that are a number"),
        pytest.param(SHEET + "chat = [1]", "sheet dashscope cn", "[[chat]]", "no list of tables", id="models that are numbers"),
        pytest.param(SHEET + ROW.replace('"qwen-plus"', '"  "'), "chat", "应是文字", "is no text", id="a blank name"),
        pytest.param(SHEET + ROW + 'aliases = "x"', "chat qwen-plus", "应是列表", "aliases is no list", id="aliases in one text"),
        pytest.param(SHEET + ROW + "note = 3", "chat qwen-plus", "应是文字", "note is no text", id="a note that is a number"),
        pytest.param(SHEET + ROW.replace("7", "1e400"), "chat qwen-plus", "金额", "no amount of money", id="money beyond measure"),
        pytest.param(SHEET + ROW.replace("7", "1e-40"), "chat qwen-plus", "金额", "no amount of money", id="money too fine to write"),
        pytest.param(SHEET + ROW.replace("7", "true"), "chat qwen-plus", "金额", "no amount of money", id="money that is a truth value"),
        pytest.param(SHEET + ROW.replace("7", "7, cached = 9"), "chat qwen-plus", "cached", "cached costs more", id="a cache that costs more"),
        pytest.param(SHEET + ROW.replace("[{ input = 7, output = 8 }]", "7"), "chat qwen-plus", "[[prices]]", "no list of tables", id="prices that are a number"),
        pytest.param(SHEET + ROW + "window = 99999999999999", "chat qwen-plus", "正整数", "whole number", id="a window beyond measure"),
        pytest.param(SHEET.replace("2026-11-20", "2026-11-20T10:00:00Z") + ROW, "chat qwen-plus", "日期", "is no date", id="a date with a time"),
        pytest.param(SHEET + ROW + "thinking_budget = [9, 1]", "chat qwen-plus", "thinking_budget", "no least and most", id="a budget upside down"),
        pytest.param(SHEET + ROW + 'switch = "magic"', "chat qwen-plus", "switch", "switch 'magic'", id="an unknown switch"),
        pytest.param(SHEET.replace('region = "cn"', 'region = "mars"'), "sheet dashscope mars", "地区", "no provider has this region", id="a region nobody has"),
        pytest.param("=", "catalog.toml", "读不懂", "cannot be read", id="no TOML"),
        pytest.param(b"\xff\xfe", "catalog.toml", "读不懂", "cannot be read", id="no text"),
        pytest.param("x = " + "9" * 5_000, "catalog.toml", "读不懂", "cannot be read", id="a number too long to read"),
        pytest.param("x = " + "[" * 50_000, "catalog.toml", "读不懂", "cannot be read", id="too deep to read"),
    ],
)  # fmt: skip
def test_a_bad_file_is_left_out_whole_and_named_in_both_languages(
    text: str | bytes, row: str, zh: str, en: str, tmp_path: Path
) -> None:
    own = opened(tmp_path, text)

    assert own == replace(catalog(), problem=own.problem)
    assert own.problem is not None
    for language, said in (("zh", zh), ("en", en)):
        message = own.problem.message(language)  # type: ignore[arg-type]
        assert said in message
        assert row in message
        assert str(tmp_path / OWN) in message
        assert own.problem.hint(language)  # type: ignore[arg-type]


HOURS = (
    SHEET
    + ROW
    + """
[[sheet.chat.hours]]
weekdays = ["sat", "sun"]
spans = [[22:00:00, 06:00:00]]
zone = "Asia/Shanghai"
prices = [{ input = 1, output = 2 }]
"""
)


def test_hours_can_be_given(tmp_path: Path) -> None:
    (hours,) = opened(tmp_path, HOURS).chat("dashscope", "qwen-plus").hours

    assert (hours.weekdays, hours.zone, hours.prices[0].input) == ({6, 7}, "Asia/Shanghai", Decimal(1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"sat", ', '"saturday", ', "weekdays are none of"),
        ('["sat", "sun"]', "[]", "weekdays are none of"),
        ("[[22:00:00, 06:00:00]]", '[["22:00", "06:00"]]', "spans must look like"),
        ("[[22:00:00, 06:00:00]]", "[[22:00:00]]", "spans must look like"),
        ("[[22:00:00, 06:00:00]]", "[]", "spans must look like"),
        ("Asia/Shanghai", "Mars/Base", "no zone 'Mars/Base'"),
        ("Asia/Shanghai", "../../etc/passwd", "no zone"),
        ("prices = [{ input = 7, output = 8 }]", "", "hours need prices"),
        ("prices = [{ input = 1, output = 2 }]", "", "prices is missing"),
    ],
)
def test_hours_that_make_no_sense_are_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in HOURS
    own = opened(tmp_path, HOURS.replace(old, new))

    assert own.problem is not None
    assert said in own.problem.message("en")


def test_a_folder_in_place_of_the_file_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / OWN).mkdir()

    assert open_catalog(tmp_path / OWN).problem is not None


def test_the_assistant_uses_the_file_of_its_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    opened(tmp_path / "data", SHEET + ROW)
    keys = Keys({"DASHSCOPE_API_KEY": "sk-qwen-0123456789abcdef"})
    app = open_assistant(Settings(notes=(tmp_path,), data=tmp_path / "data", keys=keys))
    try:
        prices = app.connections.chat(Choice("dashscope", "qwen-plus")).entry.prices
        assert prices is not None
        assert prices[0].input == 7
    finally:
        app.database.close()


def test_what_was_chosen_from_a_file_that_is_gone_gives_way_to_the_default(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    opened(tmp_path / "data", VENDOR)
    settings = Settings(notes=(tmp_path,), data=tmp_path / "data")
    app = open_assistant(settings)
    app.preferences.choose("chat", Choice("mine", "m").as_json())
    app.preferences.choose("embedding", Choice("mine", "e").as_json())
    assert app.chat_choice.provider == "mine"
    app.database.close()

    (tmp_path / "data" / OWN).unlink()
    again = open_assistant(settings)
    try:
        assert again.chat_choice == Choice()
        assert again.connection.quotes
        assert again.embedder.key.startswith("offline/")
    finally:
        again.database.close()
