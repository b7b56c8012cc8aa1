"""The walk over a folder: what it finds, what it refuses, and what it never opens."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from assistant.errors import NotFound
from assistant.knowledge import notes
from assistant.knowledge.notes import Found, Skipped, displayable, walk

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
needs_bytes = pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")


def write(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text of {name}", encoding="utf-8")


def found(folder: Path) -> list[str]:
    return [entry.path for entry in walk(folder) if isinstance(entry, Found)]


def skipped(folder: Path) -> dict[str, str]:
    return {entry.path: entry.reason for entry in walk(folder) if isinstance(entry, Skipped)}


@pytest.mark.case(54)
def test_notes_of_every_kind_are_found_whatever_the_case_of_their_suffix(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "b.MD", "c.Markdown", "d.mdown", "e.txt", "f.TEXT", "g.PDF")

    kinds = [(entry.path, entry.kind) for entry in walk(tmp_path) if isinstance(entry, Found)]

    assert kinds == [
        ("a.md", "markdown"),
        ("b.MD", "markdown"),
        ("c.Markdown", "markdown"),
        ("d.mdown", "markdown"),
        ("e.txt", "text"),
        ("f.TEXT", "text"),
        ("g.PDF", "pdf"),
    ]


def test_paths_are_relative_with_forward_slashes_and_sizes_are_known(tmp_path: Path) -> None:
    write(tmp_path, "检索/向量/笔记.md")

    (entry,) = walk(tmp_path)

    assert entry == Found("检索/向量/笔记.md", tmp_path.resolve() / "检索" / "向量" / "笔记.md", "markdown", 31)


def test_two_walks_give_the_same_order(tmp_path: Path) -> None:
    write(tmp_path, "z.md", "a/z.md", "B.md", "b.txt", "中.md", "a/a.md")

    assert found(tmp_path) == ["B.md", "a/a.md", "a/z.md", "b.txt", "z.md", "中.md"]
    assert found(tmp_path) == found(tmp_path)


@pytest.mark.case(55)
def test_a_hidden_parent_of_the_folder_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path / ".local" / "notes", "a.md")

    assert found(tmp_path / ".local" / "notes") == ["a.md"]


@pytest.mark.case(58)
def test_a_folder_named_like_a_note_is_entered(tmp_path: Path) -> None:
    write(tmp_path, "folder.md/inner.md")

    assert found(tmp_path) == ["folder.md/inner.md"]


@pytest.mark.case(53)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".hidden.md", "hidden"),
        (".obsidian", "hidden"),
        (".git", "hidden"),
        ("._resource.md", "hidden"),
        ("node_modules", "hidden"),
        ("__MACOSX", "hidden"),
        (".env", "secret"),
        (".env.md", "secret"),
        ("prod.env", "secret"),
        ("secrets.toml", "secret"),
        ("Secrets.toml.txt", "secret"),
        ("id_rsa", "secret"),
        ("id_ed25519.txt", "secret"),
        ("server.pem", "secret"),
        ("server.KEY", "secret"),
        ("~$draft.md", "temporary"),
        ("note.md~", "temporary"),
        ("note.md.part", "temporary"),
        ("note.md.icloud", "temporary"),
        ("#draft.md#", "temporary"),
        ("picture.svg", "unsupported"),
        ("noext", "unsupported"),
        ("trailing.md_", "unsupported"),
    ],
)
def test_what_is_no_note_is_named_with_its_reason(tmp_path: Path, name: str, reason: str) -> None:
    write(tmp_path, "control.md", f"{name}/inner.md" if "." not in name[1:] and reason == "hidden" else name)

    assert skipped(tmp_path) == {name: reason}
    assert found(tmp_path) == ["control.md"]


@pytest.mark.case(56)
@needs_links
def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "outside.md", "notes-private/secret.md", "notes/real.md")
    folder = tmp_path / "notes"
    (folder / "absolute.md").symlink_to(tmp_path / "outside.md")
    (folder / "relative.md").symlink_to("../outside.md")
    (folder / "root").symlink_to("/")
    (folder / "twin").symlink_to(tmp_path / "notes-private")

    assert found(folder) == ["real.md"]
    assert skipped(folder) == dict.fromkeys(["absolute.md", "relative.md", "root", "twin"], "link_outside")


@pytest.mark.case(57)
@needs_links
def test_a_link_to_a_note_inside_does_not_find_it_twice(tmp_path: Path) -> None:
    write(tmp_path, "sub/real.md")
    (tmp_path / "link.md").symlink_to("sub/real.md")
    (tmp_path / "sub" / "again").symlink_to("..")
    (tmp_path / "other").symlink_to("sub")

    assert found(tmp_path) == ["sub/real.md"]
    assert skipped(tmp_path) == dict.fromkeys(["link.md", "sub/again", "other"], "duplicate")


@needs_links
def test_a_link_gives_a_suffix_to_a_file_inside_that_has_none(tmp_path: Path) -> None:
    write(tmp_path, "LICENSE")
    (tmp_path / "licence.txt").symlink_to("LICENSE")

    entries = [entry for entry in walk(tmp_path) if isinstance(entry, Found)]

    assert entries == [Found("licence.txt", tmp_path.resolve() / "LICENSE", "text", 15)]


@pytest.mark.case(53, 56)
@needs_links
def test_a_link_does_not_uncover_what_is_hidden_or_secret(tmp_path: Path) -> None:
    write(tmp_path, ".env", ".trash/old.md")
    (tmp_path / "keys.txt").symlink_to(".env")
    (tmp_path / "old.md").symlink_to(".trash/old.md")

    assert skipped(tmp_path) == {".env": "secret", ".trash": "hidden", "keys.txt": "secret", "old.md": "hidden"}


@pytest.mark.case(57)
@needs_links
def test_links_that_lead_nowhere_stop_nobody(tmp_path: Path) -> None:
    write(tmp_path, "z.md")
    (tmp_path / "dangling.md").symlink_to("missing.md")
    (tmp_path / "self.md").symlink_to("self.md")

    assert skipped(tmp_path) == {"dangling.md": "link_broken", "self.md": "link_broken"}
    assert found(tmp_path) == ["z.md"]


@pytest.mark.case(58)
@needs_links
def test_pipes_sockets_and_devices_are_never_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)  # the name of a socket may have 108 bytes only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock.md")

        assert skipped(tmp_path) == {"pipe.md": "special", "sock.md": "special", "zero.md": "link_outside"}


@pytest.mark.case(52)
@needs_bytes
def test_names_that_are_no_text_get_a_path_that_is(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/bad\xff\xfe.md"
    with open(raw, "wb") as file:
        file.write(b"here")

    (entry,) = walk(tmp_path)

    assert isinstance(entry, Found)
    assert entry.path == "bad\\xff\\xfe.md"
    assert entry.file.read_bytes() == b"here"


@pytest.mark.case(51)
@needs_bytes
def test_files_that_look_the_same_keep_paths_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, "caf\u00e9.md", "cafe\u0301.md", "tab\t.md", "tab\\x09.md", "caf\u00e9/a.md", "cafe\u0301/a.md")

    paths = found(tmp_path)

    assert len(set(paths)) == 6
    assert {"caf\u00e9.md", "tab\\x09.md", "caf\u00e9/a.md"} <= set(paths)
    assert len({path.casefold() for path in paths if path.startswith("caf\u00e9~")}) == 2


@pytest.mark.case(51, 52)
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("line\nbreak", "line\\x0abreak"),
        ("esc\x1b[31m", "esc\\x1b[31m"),
        ("evil\u202emd.fdp", "evil\\u202emd.fdp"),
        ("e\u0301", "\u00e9"),
        ("\udcff\ud800", "\\xff\\ud800"),
        ("中文 👩\u200d👧.md", "中文 👩\u200d👧.md"),
        ("<img src=x>", "<img src=x>"),
    ],
)
def test_names_are_shown_on_one_line_and_as_utf8(name: str, shown: str) -> None:
    assert displayable(name) == shown
    assert displayable(name).encode("utf-8")


@pytest.mark.case(60)
def test_a_tree_without_end_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MAX_DEPTH", 3)
    write(tmp_path, "1/2/3/seen.md", "1/2/3/4/unseen.md")

    assert found(tmp_path) == ["1/2/3/seen.md"]
    assert skipped(tmp_path) == {"1/2/3/4": "too_deep"}


@pytest.mark.case(60)
def test_a_crowd_of_empty_folders_ends_with_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MAX_ENTRIES", 20)
    for number in range(30):
        (tmp_path / f"{number:02}").mkdir()

    assert list(skipped(tmp_path).values()) == ["too_many"]


@pytest.mark.parametrize("name", ["missing", "file.md"])
def test_a_folder_that_is_none_is_said_and_not_taken_for_empty(tmp_path: Path, name: str) -> None:
    write(tmp_path, "file.md")

    with pytest.raises(NotFound):
        list(walk(tmp_path / name))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "locked/a.md", "open.md")
    (tmp_path / "locked").chmod(0)
    try:
        assert skipped(tmp_path) == {"locked": "unreadable"}
        assert found(tmp_path) == ["open.md"]
    finally:
        (tmp_path / "locked").chmod(0o700)
