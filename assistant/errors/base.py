"""What every error is made of, and those that belong to no note and no model. Knows no file, no provider and no screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Literal

Language = Literal["zh", "en"]
Said = Mapping[Language, str]


class AssistantError(Exception):
    """Something the learner should read; ``kind`` is stable, the sentences are for people.

    A detail may be given in both languages; ``details`` holds the English one.
    """

    kind: ClassVar[str] = "error"
    texts: ClassVar[dict[Language, str]] = {"zh": "出错了：{detail}", "en": "Something went wrong: {detail}"}
    hints: ClassVar[dict[Language, str]] = {"zh": "请重试。", "en": "Please try again."}

    def __init__(self, **details: object) -> None:
        self._said = {name: value for name, value in details.items() if isinstance(value, Mapping)}
        self.details = {name: str(self._said.get(name, {"en": value})["en"]) for name, value in details.items()}
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Say what happened, in one sentence."""
        return self._fill(self.texts[language], language)

    def hint(self, language: Language) -> str:
        """Say what to do next."""
        return self._fill(self.hints[language], language)

    def _fill(self, template: str, language: Language) -> str:
        spoken = self.details | {name: str(said[language]) for name, said in self._said.items()}
        return re.sub(r"{(\w+)}", lambda field: spoken.get(field[1], field[0]), template)


class SettingsError(AssistantError):
    """A setting has a value that cannot be used; details: name, value, allowed."""

    kind = "settings"
    texts = {"zh": "设置 {name} 的值 {value} 无法使用。", "en": "The setting {name} cannot be {value}."}
    hints = {"zh": "可以用：{allowed}。", "en": "It takes: {allowed}."}


class DataFolderError(AssistantError):
    """The data folder is missing, read-only, not a folder or full; details: path, reason. ``step``: what to do about just this."""

    kind = "data_folder"
    texts = {"zh": "数据文件夹 {path} 无法使用：{reason}。", "en": "The data folder {path} cannot be used: {reason}."}
    hints = {"zh": "{step}", "en": "{step}"}
    _STEP: ClassVar[Said] = {
        "zh": "请检查它是否存在、可写、磁盘未满，或用 ASSISTANT_DATA_DIR 换一个文件夹。",
        "en": "Check that it exists, is writable and the disk has room, or choose another with ASSISTANT_DATA_DIR.",
    }

    def __init__(self, *, step: Said = _STEP, **details: object) -> None:
        super().__init__(step=step, **details)


class DiskFull(DataFolderError):
    """There was no room to write; details: path, free (how much is left)."""

    kind = "disk_full"
    texts = {
        "zh": "磁盘写不下了：数据文件夹 {path} 所在的磁盘还剩 {free}。",
        "en": "The disk has no room: {free} are free where the data folder {path} lies.",
    }
    hints = {
        "zh": "腾出空间后重试；之前保存的都完好，已付费的不会再次付费。",
        "en": "Make room and try again; what was saved before is whole, and nothing paid for is paid for again.",
    }


class OutOfMemory(AssistantError):
    """The process got no more memory; details: none."""

    kind = "memory"
    texts = {"zh": "内存不够，这一步没有做完。", "en": "There was not enough memory to finish this."}
    hints = {
        "zh": "关掉别的程序，或一次少选一些笔记，再试一次；之前完成的都保留着。",
        "en": "Close other programs or choose fewer notes at once, then try again; what was finished is kept.",
    }


class Busy(AssistantError):
    """Another process holds the writer's lock; details: holder."""

    kind = "busy"
    texts = {"zh": "{holder} 正在写入数据文件夹。", "en": "{holder} is writing to the data folder."}
    hints = {"zh": "等它结束后再试。", "en": "Try again when it has finished."}


class NotFound(AssistantError):
    """Something named is not there; details: what."""

    kind = "not_found"
    texts = {"zh": "找不到{what}。", "en": "{what} was not found."}
    hints = {
        "zh": "它可能已被删除或改名。",
        "en": "It may have been deleted or renamed; sync and try again.",
    }


class ImportRefused(AssistantError):
    """A file that is not a conversation as we export it; details: place, where it is otherwise."""

    kind = "import"
    texts = {
        "zh": "这个文件不是本应用导出的对话，或已被改动（{place}）。",
        "en": "This file is not a chat exported by this app, or was changed ({place}).",
    }
    hints = {
        "zh": "请选择用“导出 → JSON”得到的文件；什么都没有导入。",
        "en": "Choose a file made by Export → JSON; nothing was imported.",
    }


class NoteNotSaved(AssistantError):
    """An answer could not be written as a note; details: path, reason."""

    kind = "note_not_saved"
    texts = {"zh": "没有存成笔记 {path}：{reason}。", "en": "The note {path} was not saved: {reason}."}
    hints = {
        "zh": "换一个名称或文件夹再试；已有的文件不会被覆盖。",
        "en": "Try another name or folder; a file that is there already is never overwritten.",
    }


class CardRefused(AssistantError):
    """A card that nobody could learn from, or that is there already; details: fault."""

    kind = "card_refused"
    texts = {"zh": "这张卡片没有保存：{why}。", "en": "This card was not saved: {why}."}
    hints = {"zh": "改一改正面或背面再保存。", "en": "Change its front or back and save it again."}
    _WHY: ClassVar[dict[str, Said]] = {
        "empty_front": {"zh": "正面是空的", "en": "its front is empty"},
        "empty_back": {"zh": "背面是空的", "en": "its back is empty"},
        "same": {"zh": "正面和背面一样", "en": "front and back are the same"},
        "no_gap": {"zh": "填空卡的正面需要恰好一个 […]", "en": "the front of a cloze card needs exactly one […]"},
        "too_long": {"zh": "太长了", "en": "it is too long"},
        "known": {"zh": "已经有一张同样正面的卡片", "en": "a card with the same front is there already"},
    }

    def __init__(self, *, fault: str) -> None:
        super().__init__(fault=fault, why=self._WHY[fault])


class CardChanged(AssistantError):
    """A card was graded, edited or taken away since it was shown; nothing was entered."""

    kind = "card_changed"
    texts = {
        "zh": "这张卡片在别的窗口里已经评过分或改动过，这次没有重复记录。",
        "en": "This card was graded or changed in another window meanwhile; nothing was entered twice.",
    }
    hints = {"zh": "接着复习下一张即可。", "en": "Just go on with the next one."}


class CardsNotRead(AssistantError):
    """A file to import holds no cards that can be read; details: reason."""

    kind = "cards_import"
    texts = {
        "zh": "这个文件里没有可以导入的卡片（{reason}）。",
        "en": "This file holds no cards that can be imported ({reason}).",
    }
    hints = {
        "zh": "可以用：本应用导出的 CSV，两列的 CSV，或 Anki“导出笔记为纯文本”的 .txt。",
        "en": "It takes a CSV made here, a CSV of two columns, or the .txt of Anki's Export → Notes in Plain Text.",
    }


class PictureUnreadable(AssistantError):
    """A picture that is none, is damaged or too large; details: name, reason."""

    kind = "picture_unreadable"
    texts = {"zh": "图片 {name} 无法使用：{reason}。", "en": "The picture {name} cannot be used: {reason}."}
    hints = {
        "zh": "可以用 20 MB 以内的 PNG、JPEG 或 WebP，一次最多 4 张。",
        "en": "It takes up to 4 pictures at once: PNG, JPEG or WebP of up to 20 MB.",
    }


class NothingToAsk(AssistantError):
    """The chosen notes hold nothing that a quiz of the wanted kind could ask; details: none."""

    kind = "nothing_to_ask"
    texts = {
        "zh": "所选笔记里没有可以出成这种题的内容。",
        "en": "The chosen notes hold nothing to ask questions of this kind about.",
    }
    hints = {
        "zh": "多选几篇笔记或别的题型；不连接模型时，题目来自「术语：解释」这样的行和表格，连接模型后可以就任何段落出题。",
        "en": "Choose more notes or other kinds. Without a model, questions come from lines such as “term: definition” and from tables; with one, from any passage.",
    }


class NoUsableQuestion(AssistantError):
    """A model wrote a quiz of which no question stood the check; details: count, the questions that were wanted."""

    kind = "no_usable_question"
    texts = {
        "zh": "模型写的题没有一道能用：要的 {count} 道都没有通过检查，已经丢弃。",
        "en": "None of the model's questions can be used: all {count} that were wanted failed the check and were dropped.",
    }
    hints = {
        "zh": "再试一次，换一个更强的模型，或者点「考考我」：不用模型也能出题。",
        "en": "Try again, choose a stronger model, or press “Quiz me”: that needs no model.",
    }


class Cancelled(AssistantError):
    """The learner stopped it; what was done until then is kept."""

    kind = "cancelled"
    texts = {"zh": "已停止。", "en": "Stopped."}
    hints = {"zh": "已完成的部分都保留着。", "en": "What was finished has been kept."}


class NeedsConfirmation(AssistantError):
    """A paid action that nobody has agreed to; details: cost, and over: the budgets that it may break, or nothing."""

    kind = "needs_confirmation"
    texts = {"zh": "这一步会产生费用：{cost}。{over}", "en": "This would cost {cost}.{over}"}
    hints = {"zh": "确认后加上 --yes 再运行。", "en": "Run it again with --yes if you agree."}
