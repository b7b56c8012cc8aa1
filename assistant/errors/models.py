"""What can go wrong with a model: a provider refused, failed, or answered nonsense. Knows no dialect: ``providers/`` reads those."""

from __future__ import annotations

from typing import ClassVar

from assistant.errors.base import AssistantError


class ModelError(AssistantError):
    """A model could not answer; details: provider, reason. ``retryable``: the same request may succeed in a moment.

    ``retry_after``: in how many seconds, where the provider said it. ``unbilled``: turned away at the door, before a model
    read a word, so that nobody charges for it; of other failures nobody knows.
    """

    kind = "model"
    retryable: ClassVar[bool] = False
    unbilled: ClassVar[bool] = False
    retry_after: float | None = None
    texts = {"zh": "{provider} 没有答上来：{reason}。", "en": "{provider} could not answer: {reason}."}
    hints = {"zh": "检查网络与设置后重试。", "en": "Check the network and the settings, then try again."}


class KeyRefused(ModelError):
    """The provider does not accept the key; details: provider, reason."""

    kind = "key_refused"
    unbilled = True
    texts = {"zh": "{provider} 不接受这个密钥：{reason}。", "en": "{provider} does not accept the key: {reason}."}
    hints = {
        "zh": "检查密钥是否完整，以及地址是否属于它的地区和套餐：一个地区的密钥在另一个地区无效。",
        "en": "Check that the key is complete and the address is that of its region and plan: keys are bound to both.",
    }


class KeyMissing(KeyRefused):
    """The provider wants a key and was sent none; details: provider, reason."""

    kind = "key_missing"
    texts = {
        "zh": "{provider} 要密钥，而这里没有：{reason}。",
        "en": "{provider} wants a key and there is none: {reason}.",
    }
    hints = {
        "zh": "在选模型的地方粘贴这个服务商的密钥，或写进 .env。",
        "en": "Paste this provider's key where the model is chosen, or write it into .env.",
    }


class NoBalance(ModelError):
    """The account has no money left; details: provider, reason."""

    kind = "no_balance"
    unbilled = True
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
    unbilled = True
    retryable = True
    texts = {"zh": "{provider} 说请求太快了：{reason}。", "en": "{provider} asks to slow down: {reason}."}
    hints = {"zh": "稍等片刻再试。", "en": "Wait a moment, then try again."}

    def __init__(self, *, retry_after: float | None = None, **details: object) -> None:
        super().__init__(**details)
        self.retry_after = retry_after


class QuotaExceeded(ModelError):
    """A quota or a spending limit is used up; details: provider, reason."""

    kind = "quota_exceeded"
    unbilled = True
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
    unbilled = True
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
    unbilled = True
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
    unbilled = True
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
    unbilled = True
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
