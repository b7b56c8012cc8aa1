"""Pictures with a question: checked by their bytes, small, kept, and sent only to models that take them."""

from __future__ import annotations

import base64
import io
import random

import pytest
from PIL import Image

from assistant.answers.ask import prepare, send
from assistant.answers.draft import Draft
from assistant.answers.pictures import LONGEST_SIDE, read_picture
from assistant.bootstrap import Assistant
from assistant.errors import PicturesRefused, PictureUnreadable
from assistant.providers.base import Delta, Message, Picture
from assistant.providers.openai_like import content_of
from tests.answers.speaking import QUESTION, Says, connected


def file_of(kind: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "navy").save(buffer, kind, **options)
    return buffer.getvalue()


def picture() -> Picture:
    return read_picture("a.png", file_of("PNG"))


def drafted(app: Assistant, question: str = QUESTION, **entry: object) -> tuple[Draft, Says]:
    model = Says([Delta("好的。")])
    connection = connected(model, **entry)
    return prepare(question, search=app.search, connection=connection, pictures=[picture()]), model


@pytest.mark.parametrize(("kind", "sent"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/jpeg")])
def test_the_three_kinds_are_read_by_their_bytes_whatever_they_are_called(kind: str, sent: str) -> None:
    read = read_picture("photo.txt", file_of(kind))

    assert (read.kind, read.width, read.height) == (sent, 40, 30)
    with Image.open(io.BytesIO(read.content)) as drawn:
        assert (drawn.size, drawn.mode) == ((40, 30), "RGB")


def test_a_large_picture_is_drawn_smaller() -> None:
    read = read_picture("wide.png", file_of("PNG", (4_000, 1_000)))

    assert (read.width, read.height) == (LONGEST_SIDE, LONGEST_SIDE // 4)


def test_what_a_camera_wrote_into_the_file_does_not_leave() -> None:
    exif = Image.Exif()
    exif[0x010E] = "home address"
    assert b"home address" in (content := file_of("JPEG", exif=exif))

    assert b"home address" not in read_picture("a.jpg", content).content


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"%PDF-1.7", b"GIF89a", b"RIFF1234WAVE", file_of("PNG")[:60]],
    ids=["empty", "svg", "pdf", "gif", "wave", "cut"],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(PictureUnreadable) as refused:
        read_picture("x.png", content)

    assert "x.png" in refused.value.message("en")


def test_no_damaged_file_raises_anything_else() -> None:
    chance = random.Random(7)
    for kind in ("PNG", "JPEG", "WEBP"):
        good = file_of(kind)
        for _ in range(60):
            bad = bytearray(good)
            for _ in range(4):
                bad[chance.randrange(12, len(bad))] = chance.randrange(256)
            try:
                read_picture("x", bytes(bad))
            except PictureUnreadable:
                continue


def test_a_small_file_that_unfolds_to_gigabytes_is_refused() -> None:
    with pytest.raises(PictureUnreadable):
        read_picture("bomb.png", file_of("PNG", (20_000, 4_000)))


def test_pictures_stay_with_their_turn_and_go_with_its_conversation(app: Assistant) -> None:
    id_, turn = app.conversations.ask(None, QUESTION)
    app.pictures.keep(turn, [picture()])

    assert app.pictures.of(turn) == (picture(),)
    app.conversations.delete(id_)
    assert app.pictures.of(turn) == ()


def test_a_model_that_is_not_known_to_see_is_refused_before_anything_is_sent(app: Assistant) -> None:
    draft, model = drafted(app)

    assert isinstance(draft.refusal, PicturesRefused)
    with pytest.raises(PicturesRefused):
        next(send(draft))
    assert model.asked == []


def test_a_picture_goes_with_the_question_and_its_tokens_are_in_the_preview(app: Assistant) -> None:
    draft, model = drafted(app, vision=True, picture_rule="tiles-85-170")
    without = prepare(QUESTION, search=app.search, connection=draft.connection)
    list(send(draft))

    assert model.asked[0].messages[-1].pictures == (picture(),)
    assert draft.preview.parts.pictures == 255
    assert draft.preview.as_json()["parts"]["pictures"] == 255
    assert draft.preview.cost is not None
    assert without.preview.cost is not None
    assert draft.preview.cost.typical > without.preview.cost.typical


def test_without_a_rule_the_tokens_and_the_cost_are_unknown(app: Assistant) -> None:
    draft, _ = drafted(app, vision=True)

    assert not draft.preview.pictures_known
    assert draft.preview.cost is None
    assert draft.preview.as_json()["parts"]["pictures"] is None


def test_a_question_about_a_picture_only_is_answered_from_the_picture(app: Assistant) -> None:
    draft, _ = drafted(app, "红烧肉要炖多久", vision=True)

    assert (draft.basis, draft.matches, draft.asks_a_model) == ("picture", (), True)


def test_on_the_wire_a_picture_is_a_part_beside_the_words() -> None:
    seen = picture()
    image, words = content_of(Message("user", "什么？", (seen,)))

    assert isinstance(image, dict)
    assert words == {"type": "text", "text": "什么？"}
    head, _, body = image["image_url"]["url"].partition(",")
    assert (head, base64.b64decode(body)) == ("data:image/png;base64", seen.content)
    assert content_of(Message("user", "什么？")) == "什么？"
