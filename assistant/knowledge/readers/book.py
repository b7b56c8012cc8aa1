"""Reads EPUB books chapter by chapter, in the order of reading. Knows packages and contents, no markup of the chapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import EmptyNote
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.archive import Archive
from assistant.knowledge.readers.document import Document, Writing, one_line
from assistant.knowledge.readers.markup import markdown_of_html, title_of_html
from assistant.knowledge.readers.web_page import decoded_page

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/xml", "text/xml")
# Fonts may be scrambled without the text being so.
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_book(data: bytes, path: str) -> Document:
    """Read a book; each file of its spine is a part, named as the table of contents names it."""
    archive = Archive(data, path)
    _refuse_protection(archive)
    package = _package(archive)
    root = archive.xml(package)
    items = _items(archive, package, root)
    chapters = _contents(archive, items)
    writing = Writing()
    missing = 0
    named: tuple[str, ...] = ()
    for name in _spine(root, items):
        if name not in archive.names:
            missing += 1
            continue
        source, _ = decoded_page(archive.read(name))
        text = markdown_of_html(source)
        if not text or writing.full:
            continue
        if name in chapters:
            named = (chapters[name],)
        # A file without an entry goes on with the chapter before it, unless it has a title of its own.
        writing.part(named or _titled(source))
        writing.block(text)
    if writing.empty:
        raise EmptyNote(path=path)
    return writing.document(title=_title(root), encoding="epub", problems=[Problem("damaged_page")] if missing else [])


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _named(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter() if _local(one) == name)


def _refuse_protection(archive: Archive) -> None:
    """Say so where the text is encrypted: a reader without the shop's key finds only noise in it."""
    if "META-INF/encryption.xml" in archive.names:
        methods = _named(archive.xml("META-INF/encryption.xml"), "EncryptionMethod")
        if any(not one.get("Algorithm", "").startswith(_FONT_SCRAMBLING) for one in methods):
            raise archive.damaged("有版权保护（DRM）", "it is copy-protected (DRM)")


def _package(archive: Archive) -> str:
    if _CONTAINER in archive.names:
        for one in _named(archive.xml(_CONTAINER), "rootfile"):
            if (name := archive.resolved("", one.get("full-path", ""))) in archive.names:
                return name
    found = sorted(name for name in archive.names if name.endswith(".opf"))
    if not found:
        raise archive.damaged("不是 EPUB", "not an EPUB book")
    return found[0]


def _items(archive: Archive, package: str, root: Element) -> dict[str, tuple[str, str, str]]:
    """Return by id: the member, its media type, its properties."""
    return {
        one.get("id", ""): (
            archive.resolved(package, one.get("href", "")),
            one.get("media-type", ""),
            one.get("properties", ""),
        )
        for one in _named(root, "item")
    }


def _spine(root: Element, items: dict[str, tuple[str, str, str]]) -> Iterator[str]:
    """Yield the members to read in their order; the table of contents is no chapter."""
    for one in _named(root, "itemref"):
        name, media, properties = items.get(one.get("idref", ""), ("", "", ""))
        if name and media in _PAGES and "nav" not in properties.split():
            yield name


def _contents(archive: Archive, items: dict[str, tuple[str, str, str]]) -> dict[str, str]:
    """Return what the table of contents calls each file, by its first entry: the one of EPUB 3, else that of EPUB 2."""
    names: dict[str, str] = {}
    for name, media, properties in items.values():
        if name in archive.names and ("nav" in properties.split() or media == "application/x-dtbncx+xml"):
            entries = _nav(archive, name) if media in _PAGES else _ncx(archive, name)
            for target, label in entries:
                if label:
                    names.setdefault(target, label)
    return names


def _nav(archive: Archive, name: str) -> Iterator[tuple[str, str]]:
    from selectolax.lexbor import LexborHTMLParser

    source, _ = decoded_page(archive.read(name))
    for link in LexborHTMLParser(source).css("nav a[href]"):
        yield archive.resolved(name, link.attributes.get("href") or ""), one_line(str(link.text()))


def _ncx(archive: Archive, name: str) -> Iterator[tuple[str, str]]:
    for point in _named(archive.xml(name), "navPoint"):
        content = next(_named(point, "content"), None)
        label = next(_named(point, "text"), None)
        if content is not None and label is not None:
            yield archive.resolved(name, content.get("src", "")), one_line(label.text or "")


def _titled(source: str) -> tuple[str, ...]:
    title = title_of_html(source)
    return (title,) if title else ()


def _title(root: Element) -> str:
    return next((one_line(one.text) for one in _named(root, "title") if one.text), "")
