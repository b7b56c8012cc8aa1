"""What can go wrong, as a tree. Every error says, in Chinese and English, what happened and what to do next.

AssistantError
├── SettingsError          a choice that cannot be used
├── DataFolderError        the data folder cannot be used
├── Busy                   somebody else is writing
├── NoteError              one file; the run goes on
│   ├── UnreadableNote     the file cannot be opened
│   ├── NotText            no text encoding fits, or the content is not what the suffix says
│   ├── EmptyNote          nothing in it
│   ├── TooBig             over a limit that we set
│   ├── DamagedNote        the parser gave up
│   ├── PasswordNeeded     an encrypted file
│   └── NoTextLayer        a scan: pages without text
├── NotFound               a conversation, note or passage that is not there (any more)
├── ModelError             a provider refused, failed or answered nonsense
├── Cancelled              the learner stopped it
└── NeedsConfirmation      it would cost money and nobody has agreed yet

The texts are templates over the keyword arguments of the error; a kind is stable and may be asserted on.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class AssistantError(Exception):
    """Something the learner should read; ``kind`` is stable, the sentences are for people."""

    kind: ClassVar[str] = "error"
    texts: ClassVar[dict[Language, str]] = {"zh": "出错了：{detail}", "en": "Something went wrong: {detail}"}
    hints: ClassVar[dict[Language, str]] = {"zh": "请重试。", "en": "Please try again."}

    def __init__(self, **details: object) -> None:
        self.details = {name: str(value) for name, value in details.items()}
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Say what happened, in one sentence."""
        return self._fill(self.texts[language])

    def hint(self, language: Language) -> str:
        """Say what to do next."""
        return self._fill(self.hints[language])

    def _fill(self, template: str) -> str:
        return re.sub(r"{(\w+)}", lambda field: self.details.get(field[1], field[0]), template)


class SettingsError(AssistantError):
    """A setting has a value that cannot be used; details: name, value, allowed."""

    kind = "settings"
    texts = {"zh": "设置 {name} 的值 {value} 无法使用。", "en": "The setting {name} cannot be {value}."}
    hints = {"zh": "可以用：{allowed}。", "en": "It takes: {allowed}."}


class DataFolderError(AssistantError):
    """The data folder is missing, read-only, not a folder, or holds a newer database; details: path, reason."""

    kind = "data_folder"
    texts = {"zh": "数据文件夹 {path} 无法使用：{reason}。", "en": "The data folder {path} cannot be used: {reason}."}
    hints = {
        "zh": "请检查它是否存在、可写、磁盘未满，或用 ASSISTANT_DATA_DIR 换一个文件夹。",
        "en": "Check that it exists, is writable and the disk has room, or choose another with ASSISTANT_DATA_DIR.",
    }


class Busy(AssistantError):
    """Another process holds the writer's lock; details: holder."""

    kind = "busy"
    texts = {"zh": "{holder} 正在写入数据文件夹。", "en": "{holder} is writing to the data folder."}
    hints = {"zh": "等它结束后再试。", "en": "Try again when it has finished."}


class NoteError(AssistantError):
    """One file that could not be read; details always hold the path shown to the learner."""

    kind = "note"
    texts = {"zh": "{path} 无法读取。", "en": "{path} could not be read."}


class UnreadableNote(NoteError):
    """The operating system refused; details: path, reason."""

    kind = "unreadable"
    texts = {"zh": "{path} 打不开：{reason}。", "en": "{path} could not be opened: {reason}."}
    hints = {
        "zh": "检查文件权限，或关闭正在占用它的程序，然后重新同步。",
        "en": "Check its permissions, or close the program that holds it, then sync again.",
    }


class NotText(NoteError):
    """The bytes are not what the suffix promises; details: path, found."""

    kind = "not_text"
    texts = {
        "zh": "{path} 的内容不是它后缀所说的格式（像是 {found}）。",
        "en": "{path} is not what its suffix says (it looks like {found}).",
    }
    hints = {"zh": "改成正确的后缀，或另存为 UTF-8 文本。", "en": "Give it the right suffix, or save it as UTF-8 text."}


class EmptyNote(NoteError):
    """A file without content; details: path."""

    kind = "empty"
    texts = {"zh": "{path} 是空的。", "en": "{path} is empty."}
    hints = {"zh": "写上内容后会自动读入。", "en": "It will be read once there is something in it."}


class TooBig(NoteError):
    """Over a limit of ours; details: path, limit."""

    kind = "too_big"
    texts = {"zh": "{path} 超过上限（{limit}）。", "en": "{path} is over the limit ({limit})."}
    hints = {"zh": "把它拆成几个较小的文件。", "en": "Split it into smaller files."}


class DamagedNote(NoteError):
    """The parser could not make sense of the file; details: path, reason."""

    kind = "damaged"
    texts = {"zh": "{path} 已损坏或不完整（{reason}）。", "en": "{path} is damaged or incomplete ({reason})."}
    hints = {
        "zh": "重新下载，或用别的程序打开后另存一份。",
        "en": "Download it again, or save a fresh copy from another program.",
    }


class PasswordNeeded(NoteError):
    """An encrypted PDF; details: path."""

    kind = "password"
    texts = {"zh": "{path} 需要密码才能打开。", "en": "{path} needs a password."}
    hints = {"zh": "另存一份没有密码的副本再添加。", "en": "Save a copy without a password and add that."}


class NoTextLayer(NoteError):
    """A scan; details: path, pages."""

    kind = "no_text"
    texts = {
        "zh": "{path} 共 {pages} 页，都没有文字层。",
        "en": "None of the {pages} pages of {path} has a text layer.",
    }
    hints = {"zh": "它像是扫描件：先做 OCR，再添加。", "en": "It looks like a scan: run OCR on it first, then add it."}


class NotFound(AssistantError):
    """Something named is not there; details: what."""

    kind = "not_found"
    texts = {"zh": "找不到{what}。", "en": "{what} was not found."}
    hints = {
        "zh": "它可能已被删除或改名。",
        "en": "It may have been deleted or renamed; sync and try again.",
    }


class ModelError(AssistantError):
    """A model could not answer; details: provider, reason."""

    kind = "model"
    texts = {"zh": "{provider} 没有答上来：{reason}。", "en": "{provider} could not answer: {reason}."}
    hints = {"zh": "检查网络与设置后重试。", "en": "Check the network and the settings, then try again."}


class Cancelled(AssistantError):
    """The learner stopped it; what was done until then is kept."""

    kind = "cancelled"
    texts = {"zh": "已停止。", "en": "Stopped."}
    hints = {"zh": "已完成的部分都保留着。", "en": "What was finished has been kept."}


class NeedsConfirmation(AssistantError):
    """A paid action that nobody has agreed to; details: cost."""

    kind = "needs_confirmation"
    texts = {"zh": "这一步会产生费用：{cost}。", "en": "This would cost {cost}."}
    hints = {"zh": "确认后加上 --yes 再运行。", "en": "Run it again with --yes if you agree."}
