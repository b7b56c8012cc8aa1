"""Every refusal that the providers are known for, as it comes over the wire, and what it must mean to the learner.

A row is one code or one wording; ``FACTS`` lists what is known of each provider and which rows stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from assistant.errors import Language, Said

Place = Literal["body", "first event", "mid-stream"]
ANYWHERE: tuple[Place, ...] = ("body", "first event", "mid-stream")
ONCE, PATIENTLY = 1, 6  # how often a request goes out when its refusal never ends


@dataclass(frozen=True)
class Row:
    """A refusal: what the server answers, the kind of error it is, how often it is asked, and where it can come."""

    id: str
    status: int
    body: object
    kind: str
    asked: int = ONCE
    places: tuple[Place, ...] = ("body",)
    embeds: bool = False
    says: str | Said = ""  # what of the server's words must reach the learner, or what stands for them
    headers: Mapping[str, str] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """Return what must be said in a language."""
        return self.says if isinstance(self.says, str) else self.says[language]

    @property
    def dialect(self) -> str:
        """The part of the id before its first hyphen."""
        name = self.id.partition("-")[0]
        return "custom" if name in ("llama", "vllm") else name


def envelope(code: object, message: str, kind: str | None = None, **more: object) -> dict[str, object]:
    """OpenAI's shape of an error, which most others took over."""
    error = {"message": message, "type": kind or code, "param": None, "code": code, **more}
    return {"error": error, "request_id": "5c1f0a"}


def flat(code: int | None, message: str) -> dict[str, object]:
    """SiliconFlow's shape, without an envelope and sometimes without a code."""
    return {"message": message, "data": None} if code is None else {"code": code, "message": message, "data": None}


_STANDING = "Access denied, please make sure your account is in good standing."
_FILTER = "Input data may contain inappropriate content."
_FILTER_OUT = "Output data may contain inappropriate content."
_BATCH = "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents"
_NON_STREAM = "parameter.enable_thinking must be set to false for non-streaming calls"
_RESTRICTED = "The value of the enable_thinking parameter is restricted to True."
_JSON_THINKING = "Json mode response is not supported when enable_thinking is true"
_JSON_WORD = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
_KEY = "Incorrect API key provided."
_BALANCE = "Sorry, your account balance is insufficient"
_OVERFLOW = "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it"
_LLAMA_EMBED = "input is too large to process. increase the physical batch size"
_OLLAMA_LONG = "the prompt is longer than the context length currently available to the model"
_REASONING = "Missing `reasoning_content` field in the assistant message at message index 2."

ROWS: tuple[Row, ...] = (
    Row("dashscope-key-401", 401, envelope("invalid_api_key", _KEY, "invalid_request_error"), "key_refused", says=_KEY[:-1]),
    Row("openai-key-401", 401, envelope("invalid_api_key", "Incorrect API key provided: sk-ab***yz.", "invalid_request_error"), "key_refused"),
    Row("dashscope-arrears-400", 400, envelope("Arrearage", _STANDING), "no_balance", places=ANYWHERE, says="good standing"),
    Row("dashscope-arrears-403", 403, envelope("AccessDenied", _STANDING), "no_balance", places=ANYWHERE),
    Row("dashscope-content-in-400", 400, envelope("data_inspection_failed", _FILTER), "content_refused", places=ANYWHERE),
    Row("dashscope-content-out-400", 400, envelope("data_inspection_failed", _FILTER_OUT), "content_refused", places=ANYWHERE),
    Row("dashscope-free-tier-403", 403, envelope("AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted."), "free_tier_used", places=ANYWHERE),
    Row("dashscope-model-missing-404", 404, envelope("model_not_found", "The model `x` does not exist."), "model_missing"),
    Row("dashscope-model-inactive-404", 404, envelope("model_not_supported", "Unsupported model `x`."), "model_missing"),
    Row("dashscope-rate-quota-429", 429, envelope("Throttling.RateQuota", "Requests rate limit exceeded"), "rate_limited", PATIENTLY, ANYWHERE),
    Row("dashscope-rate-requests-429", 429, envelope("limit_requests", "You exceeded your current requests list."), "rate_limited", PATIENTLY, ANYWHERE),
    Row("dashscope-rate-burst-429", 429, envelope("limit_burst_rate", "Request rate increased too quickly."), "rate_limited", PATIENTLY, ANYWHERE),
    Row("dashscope-rate-allocation-429", 429, envelope("Throttling.AllocationQuota", "Allocated quota exceeded"), "rate_limited", PATIENTLY, ANYWHERE),
    Row("dashscope-rate-tokens-429", 429, envelope("insufficient_quota", "You exceeded your current quota"), "rate_limited", PATIENTLY, ANYWHERE),
    Row("dashscope-overdue-prepaid-429", 429, envelope("PrepaidBillOverdue", "The prepaid bill is overdue."), "no_balance", places=ANYWHERE),
    Row("dashscope-overdue-postpaid-429", 429, envelope("PostpaidBillOverdue", "The postpaid bill is overdue."), "no_balance", places=ANYWHERE),
    Row("dashscope-overdue-commodity-429", 429, envelope("CommodityNotPurchased", "Commodity has not purchased yet."), "no_balance", places=ANYWHERE),
    Row("dashscope-too-long-400", 400, envelope("InvalidParameter", "Range of input length should be [1, 30720]"), "prompt_too_long", places=ANYWHERE, says="30720"),
    Row("dashscope-max-tokens-400", 400, envelope("InvalidParameter", "Range of max_tokens should be [1, 8192]"), "parameter_refused", says="[1, 8192]"),
    Row("dashscope-embed-batch-400", 400, envelope("InvalidParameter", _BATCH), "batch_refused", embeds=True, says="larger than 10"),
    Row("dashscope-thinking-nonstream-400", 400, envelope("invalid_parameter_error", _NON_STREAM), "thinking_refused", says="enable_thinking"),
    Row("dashscope-thinking-only-400", 400, envelope("invalid_parameter_error", _RESTRICTED), "thinking_refused", says="restricted to True"),
    Row("dashscope-thinking-cannot-400", 400, envelope("InvalidParameter.NotSupportEnableThinking", "The model does not support it."), "thinking_refused"),
    Row("dashscope-thinking-json-400", 400, envelope("invalid_parameter_error", _JSON_THINKING), "thinking_refused"),
    Row("dashscope-json-word-400", 400, envelope("invalid_parameter_error", _JSON_WORD), "parameter_refused", says="the word 'json'"),
    Row("dashscope-slow-500", 500, envelope("RequestTimeOut", "Request timed out, please try again later."), "took_too_long", places=ANYWHERE),
    Row("siliconflow-model-400", 400, flat(20012, "Model does not exist. Please check it carefully."), "model_missing"),
    Row("siliconflow-key-401", 401, "Api key is invalid", "key_refused", says="Api key is invalid"),
    Row("siliconflow-token-401", 401, "Invalid token", "key_refused", says="Invalid token"),
    Row("siliconflow-balance-403", 403, flat(30001, _BALANCE), "no_balance", places=ANYWHERE, says=_BALANCE),
    Row("siliconflow-balance-402", 402, flat(30001, _BALANCE), "no_balance", places=ANYWHERE),
    Row("siliconflow-rate-429", 429, flat(None, "Request was rejected due to rate limiting. Details: TPM limit reached."), "rate_limited", PATIENTLY, ANYWHERE),
    Row("siliconflow-overload-503", 503, b"Service temporarily unavailable", "provider_down", PATIENTLY),
    Row("siliconflow-overload-stream-503", 503, flat(50505, "Model service overloaded. Please try again later."), "provider_down", PATIENTLY, ANYWHERE),
    Row("siliconflow-gateway-504", 504, b"<html><body>504 Gateway Time-out</body></html>", "provider_down", PATIENTLY, says={"zh": "一个网页", "en": "a web page"}),
    Row("siliconflow-embed-batch-413", 413, flat(20042, "input batch size 65 > maximum allowed batch size 64"), "batch_refused", embeds=True, says="64"),
    Row("siliconflow-embed-long-413", 413, flat(20042, "input must have less than 512 tokens"), "text_too_long", embeds=True, says="512"),
    Row("siliconflow-embed-dimensions-400", 400, flat(20015, "The parameter is invalid. Please check again."), "parameter_refused", embeds=True),
    Row("deepseek-balance-402", 402, envelope("invalid_request_error", "Insufficient Balance", "unknown_error"), "no_balance", places=ANYWHERE),
    Row("deepseek-parameter-422", 422, envelope("invalid_request_error", "Failed to deserialize the JSON body into the target type"), "parameter_refused"),
    Row("deepseek-thinking-tools-400", 400, envelope("invalid_request_error", _REASONING), "thinking_refused"),
    Row("openai-quota-429", 429, envelope("insufficient_quota", "You exceeded your current quota"), "quota_exceeded", places=ANYWHERE),
    Row("openai-credit-429", 429, envelope("credit_balance_exhausted", "Your credit balance is exhausted."), "no_balance", places=ANYWHERE),
    Row("openai-limit-organization-429", 429, envelope("organization_spend_limit_exceeded", "Spend limit reached."), "quota_exceeded", places=ANYWHERE),
    Row("openai-limit-project-429", 429, envelope("project_spend_limit_exceeded", "Spend limit reached."), "quota_exceeded", places=ANYWHERE),
    Row("openai-slow-down-429", 429, envelope("slow_down", "Slow down."), "rate_limited", PATIENTLY, ANYWHERE),
    Row("llama-overflow-400", 400, envelope(400, _OVERFLOW, "exceed_context_size_error", n_prompt_tokens=13392, n_ctx=8192), "prompt_too_long", places=ANYWHERE, says="8192"),
    Row("llama-embed-500", 500, envelope(500, _LLAMA_EMBED, "server_error"), "text_too_long", embeds=True, says="physical batch size"),
    Row("vllm-overflow-mid-400", 400, {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError", "code": 400}, "prompt_too_long", places=ANYWHERE, says="4096"),
    Row("ollama-missing-404", 404, {"error": "model 'x' not found"}, "model_missing"),
    Row("ollama-thinking-400", 400, {"error": '"x" does not support thinking'}, "thinking_refused"),
    Row("ollama-thinking-level-400", 400, {"error": 'think value "max" is not supported for this model'}, "thinking_refused"),
    Row("ollama-too-long-400", 400, {"error": _OLLAMA_LONG}, "prompt_too_long", places=ANYWHERE),
    Row("ollama-broken-line", 500, {"error": "an error was encountered while running the model: unexpected EOF"}, "provider_down", PATIENTLY, ANYWHERE),
    Row("ollama-embed-long-400", 400, {"error": "the input length exceeds the context length"}, "text_too_long", embeds=True),
    Row("ollama-embed-missing-404", 404, {"error": "model 'x' not found, try pulling it first"}, "model_missing", embeds=True),
)  # fmt: skip

# Refusals that are no reply to a question: tested by hand beside the rows.
BY_HAND = frozenset({"ollama-refused-chat", "ollama-refused-embed", "ollama-pull-missing", "ollama-pull-offline"})

# What is known of the providers, one entry for each line that was written down, and the beginnings of the ids for it.
FACTS: Mapping[str, tuple[str, ...]] = {
    "bad key": ("dashscope-key-401", "openai-key-401"),
    "DashScope: arrears": ("dashscope-arrears-400", "dashscope-arrears-403"),
    "DashScope: content filter": ("dashscope-content-in-400", "dashscope-content-out-400"),
    "DashScope: free tier used up": ("dashscope-free-tier-403",),
    "DashScope: model missing or not activated": ("dashscope-model-missing-404", "dashscope-model-inactive-404"),
    "DashScope: rate": (
        *("dashscope-rate-quota-429", "dashscope-rate-requests-429", "dashscope-rate-burst-429"),
        *("dashscope-rate-allocation-429", "dashscope-rate-tokens-429"),
    ),
    "DashScope: overdue": (
        *("dashscope-overdue-prepaid-429", "dashscope-overdue-postpaid-429", "dashscope-overdue-commodity-429"),
    ),
    "DashScope: too long": ("dashscope-too-long-400", "dashscope-max-tokens-400"),
    "DashScope: texts per embedding request": ("dashscope-embed-batch-400",),
    "DashScope: misuse of thinking": (
        *("dashscope-thinking-nonstream-400", "dashscope-thinking-only-400", "dashscope-thinking-cannot-400"),
        *("dashscope-thinking-json-400", "dashscope-json-word-400"),
    ),
    "DashScope: slow": ("dashscope-slow-500",),
    "SiliconFlow: model": ("siliconflow-model-400",),
    "SiliconFlow: key": ("siliconflow-key-401", "siliconflow-token-401"),
    "SiliconFlow: balance": ("siliconflow-balance-403", "siliconflow-balance-402"),
    "SiliconFlow: rate": ("siliconflow-rate-429",),
    "SiliconFlow: overload and 413": (
        *("siliconflow-overload-503", "siliconflow-overload-stream-503", "siliconflow-gateway-504"),
        *("siliconflow-embed-batch-413", "siliconflow-embed-long-413"),
    ),
    "SiliconFlow: dimensions of a fixed model": ("siliconflow-embed-dimensions-400",),
    "DeepSeek: balance": ("deepseek-balance-402",),
    "DeepSeek: parameters": ("deepseek-parameter-422",),
    "DeepSeek: thinking with tools": ("deepseek-thinking-tools-400",),
    "OpenAI: quota": (
        *("openai-quota-429", "openai-credit-429", "openai-limit-organization-429"),
        *("openai-limit-project-429", "openai-slow-down-429"),
    ),
    "llama-server: overflow": ("llama-overflow-400", "vllm-overflow-mid-400"),
    "llama-server: embeddings": ("llama-embed-500",),
    "Ollama: errors": ("ollama-missing-404", "ollama-broken-line", "ollama-refused-chat", "ollama-refused-embed"),
    "Ollama: think": ("ollama-thinking-400", "ollama-thinking-level-400"),
    "Ollama: truncation": ("ollama-too-long-400",),
    "Ollama: embeddings": ("ollama-embed-long-400", "ollama-embed-missing-404"),
    "Ollama: pull": ("ollama-pull-missing", "ollama-pull-offline"),
}
