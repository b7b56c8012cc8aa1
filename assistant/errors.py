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
│   ├── KeyRefused         no key, a wrong one, or one of another region
│   ├── NoBalance          the account is empty or in arrears
│   ├── RateLimited        too much at once; goes away by waiting
│   ├── QuotaExceeded      a quota or spending limit is used up; waiting does not help
│   │   └── FreeTierUsed   the free part of it, and the account is set to stop there
│   ├── ModelMissing       no model of that name, or not for this account
│   ├── ContentRefused     the provider's content filter
│   ├── PromptTooLong      more than the model reads at once
│   │   └── TextTooLong    a single text is more than an embedding model reads
│   ├── ParameterRefused   something else in the request than its words
│   │   ├── PicturesRefused  pictures, which the model does not take
│   │   ├── ThinkingRefused  to think, or not to think
│   │   └── BatchRefused   more texts at once than are embedded
│   ├── OnlyThought        all that it was allowed to write went into thinking
│   ├── TookTooLong        the provider's own limit for one answer; the same request would meet it again
│   ├── ProviderDown       it broke down, or broke off, or fell silent
│   ├── Unreachable        no connection to it
│   └── BadAnswer          an answer that no model gives: a web page, an empty or malformed reply
├── PictureUnreadable      a picture that cannot be sent with a question
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
    """A model could not answer; details: provider, reason. ``retryable``: the same request may succeed in a moment.

    ``retry_after``: in how many seconds, where the provider said it.
    """

    kind = "model"
    retryable: ClassVar[bool] = False
    retry_after: float | None = None
    texts = {"zh": "{provider} 没有答上来：{reason}。", "en": "{provider} could not answer: {reason}."}
    hints = {"zh": "检查网络与设置后重试。", "en": "Check the network and the settings, then try again."}


class KeyRefused(ModelError):
    """The provider does not accept the key; details: provider, reason."""

    kind = "key_refused"
    texts = {"zh": "{provider} 不接受这个密钥：{reason}。", "en": "{provider} does not accept the key: {reason}."}
    hints = {
        "zh": "检查密钥是否完整，以及地址是否属于它的地区和套餐：一个地区的密钥在另一个地区无效。",
        "en": "Check that the key is complete and the address is that of its region and plan: keys are bound to both.",
    }


class NoBalance(ModelError):
    """The account has no money left; details: provider, reason."""

    kind = "no_balance"
    texts = {
        "zh": "{provider} 的账户余额不足或已欠费：{reason}。",
        "en": "The {provider} account has no money left: {reason}.",
    }
    hints = {
        "zh": "到服务商的控制台充值，或换一个模型。",
        "en": "Top it up in the provider's console, or choose another model.",
    }


class RateLimited(ModelError):
    """Too many requests or tokens at once; details: provider, reason."""

    kind = "rate_limited"
    retryable = True
    texts = {"zh": "{provider} 说请求太快了：{reason}。", "en": "{provider} asks to slow down: {reason}."}
    hints = {"zh": "稍等片刻再试。", "en": "Wait a moment, then try again."}

    def __init__(self, *, retry_after: float | None = None, **details: object) -> None:
        super().__init__(**details)
        self.retry_after = retry_after


class QuotaExceeded(ModelError):
    """A quota or a spending limit is used up; details: provider, reason."""

    kind = "quota_exceeded"
    texts = {"zh": "{provider} 的额度已用完：{reason}。", "en": "The quota at {provider} is used up: {reason}."}
    hints = {
        "zh": "到服务商的控制台提高限额或改为付费，或换一个模型。",
        "en": "Raise the limit or leave the free tier in the provider's console, or choose another model.",
    }


class FreeTierUsed(QuotaExceeded):
    """The free tokens are gone and the account is set to stop there; details: provider, reason."""

    kind = "free_tier_used"
    texts = {
        "zh": "{provider} 的免费额度已用完：{reason}。",
        "en": "The free tier at {provider} is used up: {reason}.",
    }
    hints = {
        "zh": "要付费继续用，就在服务商的控制台里关闭“免费额度用完即停”（仅使用免费额度）；否则换一个模型。",
        "en": "To go on and pay, turn off “free tier only” in the provider's console; otherwise choose another model.",
    }


class ModelMissing(ModelError):
    """The provider has no such model for this account; details: provider, model, reason."""

    kind = "model_missing"
    texts = {
        "zh": "{provider} 没有可用的模型 {model}：{reason}。",
        "en": "{provider} has no model {model} for you: {reason}.",
    }
    hints = {
        "zh": "从模型列表里选一个，或先在控制台开通它；Ollama 要先运行 ollama pull {model}。",
        "en": "Choose one from the list of models, or activate it in the console; with Ollama run: ollama pull {model}",
    }


class ContentRefused(ModelError):
    """The content filter of the provider stepped in; details: provider, reason."""

    kind = "content_refused"
    texts = {
        "zh": "{provider} 的内容审查拒绝了这次问答：{reason}。",
        "en": "The content filter of {provider} refused: {reason}.",
    }
    hints = {
        "zh": "换个问法，去掉可能触发审查的段落，或换一个模型。",
        "en": "Rephrase it, drop the passage that may have set it off, or choose another model.",
    }


class PromptTooLong(ModelError):
    """More than the model can read; details: provider, reason. ``limit``: tokens, where the provider said them."""

    kind = "prompt_too_long"
    texts = {
        "zh": "要发送的内容超过了 {provider} 的长度上限：{reason}。",
        "en": "This is longer than {provider} can read: {reason}.",
    }
    hints = {
        "zh": "去掉几段引文，缩短对话历史，或换一个上下文更长的模型。",
        "en": "Drop passages, shorten the history, or choose a model with a larger context.",
    }

    def __init__(self, *, limit: int | None = None, **details: object) -> None:
        super().__init__(**details)
        self.limit = limit


class TextTooLong(PromptTooLong):
    """One text is more than the embedding model reads; details: provider, reason."""

    kind = "text_too_long"
    texts = {
        "zh": "有一段文字超过了 {provider} 的嵌入模型能读的长度：{reason}。",
        "en": "One text is longer than the embedding model of {provider} reads: {reason}.",
    }
    hints = {
        "zh": "换一个能读更长文字的嵌入模型；自己启动的 llama-server 可以加大 --ctx-size 和 --ubatch-size。",
        "en": "Choose an embedding model that reads more; start a llama-server with a larger --ctx-size and --ubatch-size.",
    }


class ParameterRefused(ModelError):
    """The provider refused what was asked of it, or a field of the request; details: provider, reason."""

    kind = "parameter_refused"
    texts = {
        "zh": "{provider} 不接受这样的请求：{reason}。",
        "en": "{provider} does not take a request like this: {reason}.",
    }
    hints = {
        "zh": "换一个模型；如果地址是自己填的，检查那里的服务是否支持所说的参数。",
        "en": "Choose another model; at an address of your own, check whether its server knows the parameter it names.",
    }


class PicturesRefused(ParameterRefused):
    """The model takes no pictures, or nobody knows that it does; details: provider, model."""

    kind = "pictures_refused"
    texts = {
        "zh": "据目录所知，{provider} / {model} 不能看图片，所以没有发送。",
        "en": "{provider} / {model} is not known to take pictures, so nothing was sent.",
    }
    hints = {
        "zh": "换一个能看图片的模型再问；如果它其实能看，在自己的 catalog.toml 里给它写上 vision = true。",
        "en": "Choose a model that takes pictures and ask again; if this one does, give it vision = true in your own catalog.toml.",
    }


class ThinkingRefused(ParameterRefused):
    """The model does not think, or always does; details: provider, reason."""

    kind = "thinking_refused"
    texts = {
        "zh": "{provider} 的这个模型不接受现在的思考设置：{reason}。",
        "en": "This model of {provider} does not take the setting for thinking: {reason}.",
    }
    hints = {
        "zh": "在模型设置里打开或关闭“思考模式”再试：有的模型不能思考，有的只能思考。也可以换一个模型。",
        "en": "Switch “Thinking” on or off where the model is chosen: some models cannot think, others always do. Or choose another.",
    }


class BatchRefused(ParameterRefused):
    """More texts in one request than the embedding model takes; details: provider, reason."""

    kind = "batch_refused"
    texts = {
        "zh": "{provider} 一次不接受这么多段文字：{reason}。",
        "en": "{provider} does not take so many texts at once: {reason}.",
    }
    hints = {
        "zh": "直接选择这家服务商而不是自填地址，这样会用它的批量上限；或换一个嵌入模型。",
        "en": "Choose the provider by name and not a custom address, so that its own batch size is kept; or choose another model.",
    }


class OnlyThought(ModelError):
    """Every token that the answer might have had was spent on thinking; details: provider, reason."""

    kind = "only_thought"
    texts = {
        "zh": "{provider} 的模型把 token 都用在了思考上，还没写回答就到了上限：{reason}。",
        "en": "The model of {provider} used up its tokens thinking and wrote no answer: {reason}.",
    }
    hints = {
        "zh": "关闭“思考模式”，问得小一点，或换一个模型。用掉的 token 照常计费。",
        "en": "Switch thinking off, ask for less at once, or choose another model. What it thought is billed all the same.",
    }


class TookTooLong(ModelError):
    """The provider stops an answer after a time of its own, DashScope after 300 s; details: provider, reason."""

    kind = "took_too_long"
    texts = {
        "zh": "{provider} 在自己的时限内没有答完：{reason}。",
        "en": "{provider} did not finish within its own time limit: {reason}.",
    }
    hints = {
        "zh": "一次少问一些：去掉几段引文、关闭“思考模式”，或换一个更快的模型。（百炼的时限是 300 秒。）",
        "en": "Ask for less at once: drop passages, switch thinking off, or choose a faster model. (DashScope's limit is 300 s.)",
    }


class ProviderDown(ModelError):
    """The server failed, broke off or fell silent; details: provider, reason."""

    kind = "provider_down"
    retryable = True
    texts = {"zh": "{provider} 中断了：{reason}。", "en": "{provider} broke down: {reason}."}
    hints = {
        "zh": "多半是暂时的：稍后重试，或换一个模型。",
        "en": "Mostly this passes: try again later, or choose another model.",
    }


class Unreachable(ModelError):
    """No connection came about; details: provider, address, reason."""

    kind = "unreachable"
    retryable = True
    texts = {
        "zh": "连不上 {provider}（{address}）：{reason}。",
        "en": "{provider} cannot be reached at {address}: {reason}.",
    }
    hints = {
        "zh": "检查网络、代理和地址；如果是本机的服务（如 Ollama），先启动它。",
        "en": "Check network, proxy and address; a server on this machine (such as Ollama) must be started first.",
    }


class BadAnswer(ModelError):
    """What came back is not the answer of a model; details: provider, reason."""

    kind = "bad_answer"
    texts = {
        "zh": "{provider} 的回复无法识别：{reason}。",
        "en": "{provider} sent something else than an answer: {reason}.",
    }
    hints = {
        "zh": "检查服务地址（多半以 /v1 结尾）和模型名称。",
        "en": "Check the address of the service (most end in /v1) and the name of the model.",
    }


class PictureUnreadable(AssistantError):
    """A picture that is none, is damaged or too large; details: name, reason."""

    kind = "picture_unreadable"
    texts = {"zh": "图片 {name} 无法使用：{reason}。", "en": "The picture {name} cannot be used: {reason}."}
    hints = {
        "zh": "可以用 20 MB 以内的 PNG、JPEG 或 WebP，一次最多 4 张。",
        "en": "It takes up to 4 pictures at once: PNG, JPEG or WebP of up to 20 MB.",
    }


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
