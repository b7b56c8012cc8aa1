"""Opens the ZIP archives that office files and e-books are, and takes out single members, each within a limit.

Nothing is ever unpacked to a disk. What a member claims about its size is not believed: what comes out is counted.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant.errors import DamagedNote, NotText, PasswordNeeded, TooBig
from assistant.knowledge.readers.opening import megabytes

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 200 << 20
MAX_MEMBER = 50 << 20
MAX_UNPACKED = 150 << 20
MAX_MEMBERS = 10_000
MAX_DIRECTORY = 4 << 20
MAX_NODES = 2_000_000
_END = b"PK\x05\x06"
# What programs write there unasked.
_NO_TITLE = re.compile(
    r"powerpoint(?: presentation| 演示文稿)?|word document|untitled.*|(?:presentation|document|演示文稿|文档) ?\d*",
    re.I,
)


class Archive:
    """The members of one ZIP file, by their names; ``path`` is the note's, for errors."""

    def __init__(self, data: bytes, path: str) -> None:
        if len(data) > MAX_BYTES:
            raise TooBig(path=path, limit=megabytes(MAX_BYTES))
        if not data.startswith((b"PK\x03\x04", _END)):
            raise NotText(path=path, found="no ZIP archive")
        check_directory(data[-65_600:], path)
        self.path = path
        self._left = MAX_UNPACKED
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError) as error:
            raise self.damaged() from error
        self.names = frozenset(self._zip.namelist())

    def damaged(self, zh: str = "压缩包结构有误", en: str = "not a valid archive") -> DamagedNote:
        """Say that the file cannot be made sense of."""
        return DamagedNote(path=self.path, reason=f"{en} / {zh}")

    def read(self, name: str) -> bytes:
        """Return a member's bytes; one that is missing or damaged makes the file a damaged one."""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & 1:
                raise PasswordNeeded(path=self.path)
            with self._zip.open(info) as member:
                data = member.read(min(MAX_MEMBER, self._left) + 1)
        except KeyError as error:
            raise self.damaged("缺少必需的部分", "a necessary part is missing") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise self.damaged() from error
        if len(data) > min(MAX_MEMBER, self._left):
            raise TooBig(path=self.path, limit=megabytes(MAX_MEMBER if self._left > MAX_MEMBER else MAX_UNPACKED))
        self._left -= len(data)
        return data

    def xml(self, name: str) -> Element:
        """Return a member as an XML tree; one that defines entities is refused, and none is ever fetched."""
        return self.parsed(self.read(name))

    def parsed(self, data: bytes) -> Element:
        """Return XML as a tree, refusing entities and absurd numbers of elements."""
        from xml.parsers.expat import ExpatError

        try:
            return _tree(data)
        except _Entities as error:
            raise self.damaged("含有不安全的 XML 实体", "it defines XML entities, which is not safe") from error
        except _TooMany as error:
            raise TooBig(path=self.path, limit=f"{MAX_NODES:,} XML elements") from error
        except (ExpatError, ValueError, LookupError) as error:
            raise self.damaged("XML 有误", "its XML is not well-formed") from error

    def resolved(self, base: str, target: str) -> str:
        """Return the name of the member that ``target`` means when it stands in ``base``."""
        target = unquote(target.split("#", maxsplit=1)[0])
        inside = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(base), target)
        return posixpath.normpath(inside)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what an office part refers to, by its id: the kind and the member; what lies outside is left out."""
        listed = f"{posixpath.dirname(name)}/_rels/{posixpath.basename(name)}.rels".lstrip("/")
        if listed not in self.names:
            return {}
        return {
            one.get("Id", ""): (one.get("Type", "").rsplit("/", 1)[-1], self.resolved(name, one.get("Target", "")))
            for one in self.xml(listed)
            if one.get("TargetMode") != "External"
        }

    def main_part(self) -> str:
        """Return the part that an office file begins with."""
        starts = (name for kind, name in self.relations("").values() if kind == "officeDocument")
        return next(starts, "")

    def title(self) -> str:
        """Return the title in the properties of an office file, or nothing."""
        name = next((name for kind, name in self.relations("").values() if kind == "core-properties"), "")
        if name not in self.names:
            return ""
        title = next((one.text or "" for one in self.xml(name) if one.tag.endswith("}title")), "").strip()
        return "" if _NO_TITLE.fullmatch(title) else title


def check_directory(tail: bytes, path: str) -> None:
    """Refuse a directory that would take too much memory to read, by what the end of the file says of it."""
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise DamagedNote(path=path, reason="the archive is incomplete / 压缩包不完整")
    members, size = struct.unpack("<HI", tail[at + 10 : at + 16])
    if members > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise TooBig(path=path, limit=f"{MAX_MEMBERS:,} files in the archive")


def texts(node: Element, *names: str) -> Iterator[str]:
    """Yield the text of all elements below that are called so, whatever their namespace."""
    for one in node.iter():
        if one.tag.rsplit("}", 1)[-1] in names and one.text:
            yield one.text


class _Entities(Exception):
    """The document type declares an entity."""


class _TooMany(Exception):
    """More elements than any document needs."""


def _tree(data: bytes) -> Element:
    """Parse with expat itself: ElementTree's own parser does not let entities be refused."""
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    left = MAX_NODES

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _TooMany
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: builder.end(_named(name))
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _no_entities
    parser.Parse(data, True)
    return builder.close()


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _no_entities(*_: object) -> None:
    raise _Entities
