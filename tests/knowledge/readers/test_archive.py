"""Archives that lie, explode, or reach outside."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from assistant.errors import DamagedNote, NoteError, PasswordNeeded, TooBig
from assistant.knowledge.readers import archive as archives
from assistant.knowledge.readers.archive import Archive
from tests.formats import archive

LAUGHS = '<!DOCTYPE a [<!ENTITY b "x">' + "".join(
    f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "&b;" * 10}">' for n in range(9)
)


@pytest.mark.case(28)
@pytest.mark.parametrize(
    "xml",
    [
        LAUGHS + "]><a>&b8;</a>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><a/>',
        "<a><b></a>",
        "",
    ],
    ids=["laughs", "file", "fetch", "crossed", "empty"],
)
def test_xml_that_defines_entities_or_is_none_is_refused(xml: str) -> None:
    with pytest.raises(DamagedNote):
        Archive(archive({"a.xml": xml}), "a.docx").xml("a.xml")


def test_a_document_type_alone_is_no_harm() -> None:
    root = Archive(archive({"a.xml": '<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:9/x.dtd"><a>said</a>'}), "a").xml(
        "a.xml"
    )

    assert root.text == "said"


@pytest.mark.case(28)
def test_a_bomb_is_stopped_while_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 1 << 20)
    bomb = Archive(archive({"a.xml": b"\0" * (5 << 20)}), "a.docx")

    with pytest.raises(TooBig):
        bomb.read("a.xml")


@pytest.mark.case(28)
def test_many_members_below_the_limit_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 3 << 20)
    bomb = Archive(archive(dict.fromkeys("abcd", b"\x00" * (1 << 20))), "a.docx")

    with pytest.raises(TooBig):
        for name in "abcd":
            bomb.read(name)


@pytest.mark.case(28)
def test_a_size_that_is_a_lie_brings_no_more_than_the_limit() -> None:
    data = bytearray(archive({"a.xml": b"\0" * 100_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 10)

    with pytest.raises(DamagedNote):
        Archive(bytes(data), "a.docx").read("a.xml")


def test_too_many_members_are_refused_before_they_are_listed() -> None:
    data = bytearray(archive({"a": b"x"}))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", 1 << 30)

    with pytest.raises(TooBig):
        Archive(bytes(data), "a.docx")


@pytest.mark.case(28)
def test_an_encrypted_member_asks_for_a_password() -> None:
    data = bytearray(archive({"a.xml": b"secret"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(PasswordNeeded):
        Archive(bytes(data), "a.docx").read("a.xml")


@pytest.mark.case(28)
@pytest.mark.parametrize("target", ["../../../etc/passwd", "/../../etc/passwd", "..%2f..%2fetc/passwd"])
def test_a_name_that_leads_out_of_the_archive_is_no_member_of_it(target: str) -> None:
    opened = Archive(archive({"word/document.xml": "<a/>"}), "a.docx")

    assert opened.resolved("word/document.xml", target) not in opened.names


@pytest.mark.parametrize("cut", range(1, 200, 7))
def test_whatever_is_cut_off_the_error_is_ours(cut: int, tmp_path: Path) -> None:
    whole = archive({"a.xml": "<a>x</a>" * 5, "b.xml": "<b/>"})
    try:
        Archive(whole[:-cut], "a.docx").xml("b.xml")
    except NoteError as error:
        assert error.details["path"] == "a.docx"
    else:
        assert zipfile.is_zipfile(tmp_path.joinpath("x").write_bytes(whole[:-cut]) and tmp_path / "x")
