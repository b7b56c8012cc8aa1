"""Subtitles written by hand, by YouTube and by Zoom."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedNote
from assistant.knowledge.notes import Note
from assistant.knowledge.readers.subtitles import read_subtitles
from assistant.knowledge.split import split

SRT = (
    "1\r\n00:00:01,000 --> 00:00:04,000\r\n<i>Hello</i> and welcome\r\n\r\n"
    "2\r\n00:00:04,000 --> 00:00:08,500\r\nto the lecture.\r\n\r\n"
    "3\r\n00:01:12,000 --> 00:01:15,000\r\n{\\an8}反向传播\r\n用链式法则。\r\n"
)
YOUTUBE = (
    "WEBVTT\nKind: captions\nLanguage: en\n\n"
    "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nso<00:00:00.500><c> the</c><00:00:01.000><c> gradient</c>\n\n"
    "00:00:02.000 --> 00:00:02.010 align:start position:0%\nso the gradient\n \n\n"
    "00:00:02.010 --> 00:00:04.000 align:start position:0%\nso the gradient\npoints<00:00:03.000><c> uphill</c>\n\n"
)
ZOOM = (
    "WEBVTT\n\nNOTE made by a program\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ada Lovelace>What is a loss?</v>\n\n"
    "2\n00:00:02.000 --> 00:00:03.000\n<v Ada Lovelace>Anybody?</v>\n\n3\n00:00:03.000 --> 00:00:05.000\n<v 小明>误差的大小。</v>\n"
)


def test_srt_becomes_flowing_text_with_the_time_of_each_stretch() -> None:
    document = read_subtitles(SRT.encode("utf-8-sig"), "a.srt")
    note = Note("a", "a", "subtitles", "", document.text, "", parts=document.parts, marks=document.marks)

    assert document.text == "Hello and welcome to the lecture.\n\n反向传播用链式法则。\n"
    assert [(mark.first, mark.last) for mark in document.marks] == [
        ("00:00:01", "00:00:04"), ("00:00:04", "00:00:08"), ("00:01:12", "00:01:15"),
    ]  # fmt: skip
    assert [piece.label for piece in split(note)] == ["00:00:01–00:01:15"]


def test_rolling_captions_are_said_once() -> None:
    assert read_subtitles(YOUTUBE.encode(), "a.vtt").text == "so the gradient points uphill\n"


def test_speakers_are_named_when_they_change() -> None:
    assert (
        read_subtitles(ZOOM.encode(), "a.vtt").text == "Ada Lovelace: What is a loss? Anybody?\n\n小明: 误差的大小。\n"
    )


def test_numbers_without_an_empty_line_before_them_are_not_said() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:02,000 --> 00:00:03,000\ntwo\n"

    assert read_subtitles(text.encode(), "a.srt").text == "one two\n"


def test_a_long_lecture_is_cut_where_it_pauses_and_each_piece_knows_its_time() -> None:
    cues = "".join(
        f"{n}\n00:{n // 12:02}:{n % 12 * 5:02},000 --> 00:{n // 12:02}:{n % 12 * 5 + 4:02},000\nSentence number {n} explains one more step.\n\n"
        for n in range(1, 400)
    )
    document = read_subtitles(cues.encode(), "a.srt")
    note = Note("a", "a", "subtitles", "", document.text, "", parts=document.parts, marks=document.marks)
    pieces = split(note)

    assert len(pieces) > 3
    for piece in pieces:
        number = int(piece.text.split("number ")[1].split()[0])
        assert piece.label.startswith(f"00:{number // 12:02}:{number % 12 * 5:02}–")


@pytest.mark.parametrize("data", [b"only words", b"WEBVTT\n\n", b"1\n00:00:01 -> 00:00:02\nx"])
def test_a_file_without_a_single_cue_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedNote):
        read_subtitles(data, "a.srt")
