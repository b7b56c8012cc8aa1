"""Everything that the learner has made here as one zip that other programs can read, with a copy of the database. No secret is in it."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant import backups
from assistant.answers.export import as_json, as_markdown
from assistant.answers.note_file import note_name
from assistant.bootstrap import Assistant
from assistant.data_folder import explained
from assistant.database import FILE_NAME
from assistant.errors import Language
from assistant.money.ledger_csv import ledger_csv
from assistant.providers.catalog import OWN
from assistant.study.card_export import cards_apkg, cards_csv

_ABOUT = """学习助手 · 全部导出
Study assistant: everything exported

conversations/  每个对话的 Markdown 和 JSON（JSON 可以导入）· each chat as Markdown, and as JSON that can be imported
cards/          Anki 卡片包和 CSV · the cards for Anki, and as CSV
uploads/        放进应用的文件 · files that were dropped on the app
ledger.csv      每次调用的用量与费用 · every call, its tokens and its cost
settings.json   在应用里做的选择，不含密钥 · what was chosen in the app, without keys
catalog.toml    自己的模型目录（如果有）· your own models and prices, if any
{database}    数据库的副本，python -m assistant restore FILE 可恢复 · a copy of the database, to be restored

笔记在你自己的文件夹里，不在这里。· Your notes are in your own folders and not in here.
"""
_LOGIN = re.compile(r"(?<=//)[^/@\s]*@")  # somebody's name and password in an address


def export_all(assistant: Assistant, file: Path, language: Language) -> list[str]:
    """Write the zip, beside and renamed, so that a half one never bears its name; return the names of what is in it."""
    half = file.with_name(f"{file.name}.part")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _ABOUT.format(database=FILE_NAME))
            for name, content in _made_here(assistant, language):
                archive.writestr(name, content)
            for upload, name in _uploads(assistant):
                archive.write(upload, name)
            own = assistant.database.folder / OWN
            if own.is_file():
                archive.write(own, OWN)
            with tempfile.TemporaryDirectory(dir=file.parent, ignore_cleanup_errors=True) as folder:
                backups.copy(assistant.database.folder / FILE_NAME, Path(folder) / FILE_NAME)
                archive.write(Path(folder) / FILE_NAME, FILE_NAME)
            names = archive.namelist()
        half.replace(file)
    except OSError as error:
        raise explained(file.parent, error) from error
    finally:
        half.unlink(missing_ok=True)
    return names


def _made_here(assistant: Assistant, language: Language) -> Iterator[tuple[str, bytes]]:
    saved = assistant.conversations
    for chat in saved.all():
        name = f"conversations/{note_name(chat.title) or 'chat'}-{chat.id[:8]}"
        yield f"{name}.md", as_markdown(chat, saved.turns(chat.id), language).encode()
        yield f"{name}.json", as_json(chat, saved.every_turn(chat.id), saved.last_turn(chat.id)).encode()
    cards = assistant.cards.all()
    if cards:
        yield "cards/study-cards.apkg", cards_apkg(cards, assistant.note_root)
        yield "cards/study-cards.csv", cards_csv(cards)
    yield "ledger.csv", ledger_csv(assistant.ledger.entries())
    chosen = _without_logins(assistant.preferences.all())
    yield "settings.json", json.dumps(chosen, ensure_ascii=False, indent=2).encode()


def _uploads(assistant: Assistant) -> Iterator[tuple[Path, str]]:
    for found in assistant.uploads.found():
        if found.file.is_file():
            suffix = Path(found.path).suffix
            yield found.file, f"uploads/{note_name(Path(found.path).stem) or 'upload'}{suffix}"


def _without_logins(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_logins(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_logins(part) for part in value]
    return _LOGIN.sub("", value) if isinstance(value, str) else value
