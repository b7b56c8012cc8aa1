"""What each dialect's refusals mean: codes, then words, then the status, each to one of our errors. Data and one look-up.

Knows no SDK: it is given the status, the code and the message of a refusal, wherever they came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.errors import (
    BadAnswer,
    BatchRefused,
    ContentRefused,
    FreeTierUsed,
    KeyRefused,
    ModelError,
    ModelMissing,
    NoBalance,
    ParameterRefused,
    PromptTooLong,
    ProviderDown,
    QuotaExceeded,
    RateLimited,
    ThinkingRefused,
    TookTooLong,
)

Meaning = type[ModelError]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said instead of answering; status None: in the middle of an answer. ``limit``: tokens it would take."""

    status: int | None
    code: str
    message: str
    retry_after: float | None = None
    limit: int | None = None


_CODES: Mapping[Meaning, tuple[str, ...]] = {
    KeyRefused: ("invalid_api_key", "invalidapikey", "authentication_error", "account_deactivated"),
    NoBalance: (
        *("arrearage", "prepaidbilloverdue", "postpaidbilloverdue", "commoditynotpurchased"),
        *("credit_balance_exhausted", "billing_not_active", "30001"),
    ),
    RateLimited: (
        *("throttling", "throttling.ratequota", "throttling.burstrate", "throttling.allocationquota"),
        *("limit_requests", "limit_burst_rate", "rate_limit_exceeded", "slow_down"),
    ),
    QuotaExceeded: (
        *("insufficient_quota", "billing_hard_limit_reached"),
        *("organization_spend_limit_exceeded", "project_spend_limit_exceeded"),
    ),
    FreeTierUsed: ("allocationquota.freetieronly",),
    ModelMissing: (
        "model_not_found",
        "modelnotfound",
        "model_not_supported",
        "model.accessdenied",
        "20012",
        "not_pulled",
    ),
    ContentRefused: ("data_inspection_failed", "datainspectionfailed", "content_filter", "content_policy_violation"),
    PromptTooLong: ("context_length_exceeded", "exceed_context_size_error", "string_above_max_length"),
    ThinkingRefused: ("invalidparameter.notsupportenablethinking",),
    TookTooLong: ("requesttimeout",),
}

# The same code means another thing: on DashScope a limit per minute that goes away by itself, on OpenAI an empty account.
_BY_DIALECT: Mapping[str, Mapping[str, Meaning]] = {"dashscope": {"insufficient_quota": RateLimited}}

# Read only where the status does not rule them out; the first that fits counts.
_WORDS: tuple[tuple[Meaning, str, tuple[int, ...]], ...] = (
    (
        PromptTooLong,
        r"range of input length|maximum context length|context size|context length|input (?:is )?too (?:long|large)"
        r"|prompt is too long|must have less than \d+ tokens|too large to process|max_seq_len",
        (400, 413, 422, 500),
    ),
    # Not "physical batch size": that is llama.cpp's word for the length of one text.
    (BatchRefused, r"(?<!physical )batch size (?:is invalid|\d+ >|exceeds)|too many inputs", (400, 413, 422)),
    (
        ThinkingRefused,
        r"enable_thinking|thinking_budget|reasoning_effort|reasoning_content|chat_template_kwargs"
        r"|not support thinking|think value",
        (400, 422),
    ),
    (ContentRefused, r"inappropriate content|content exists risk|content management policy", (400, 403, 451)),
    (
        NoBalance,
        r"insufficient balance|balance is insufficient|account is in good standing|in arrears|bill(?:ing)? overdue",
        (400, 402, 403, 429),
    ),
    (
        ModelMissing,
        r"model\b.{0,120}?\b(?:not exist|not found|no access|not have access|disabled|not activated|been deprecated)",
        (400, 403, 404),
    ),
    (
        KeyRefused,
        r"\b(?:api[ _-]?key|token) (?:is )?(?:invalid|expired)|(?:invalid|incorrect) (?:api[ _-]?key|token)\b",
        (400, 403),
    ),
    # SiliconFlow's throttle has no code, and in mid-stream no status either.
    (RateLimited, r"rate[ _-]?limit|\b[TR]PM limit|too many requests|requests? (?:is|are) too frequent", (403, 503)),
)

_STATUSES: Mapping[int, Meaning] = {
    400: ParameterRefused,
    401: KeyRefused,
    402: NoBalance,
    404: BadAnswer,  # no such path: the address is not that of an API
    405: BadAnswer,
    408: ProviderDown,
    413: PromptTooLong,
    422: ParameterRefused,
    429: RateLimited,
    451: ContentRefused,
    501: ModelError,  # "not supported" stays so, however often one asks
}

_LIMITS = (
    re.compile(r"input length should be \[\s*\d+\s*,\s*(\d+)\s*\]"),
    re.compile(
        r"(?:maximum context length is|available context size \(|less than|max_seq_len[^\d]{0,20})\s*(\d+)",
        re.IGNORECASE,
    ),
)


def meaning_of(refusal: Refusal, dialect: str) -> Meaning:
    """Choose the error that a refusal stands for."""
    code = refusal.code.lower()
    special = _BY_DIALECT.get(dialect, {}).get(code)
    if special is not None:
        return special
    for meaning, codes in _CODES.items():
        if code in codes:
            return meaning
    for meaning, words, statuses in _WORDS:
        fits = refusal.status is None or refusal.status == 200 or refusal.status in statuses
        if fits and re.search(words, refusal.message, re.IGNORECASE | re.DOTALL):
            return meaning
    return _by_status(refusal.status)


def limit_in(message: str) -> int | None:
    """Read from a message how many tokens would have been allowed."""
    found = next((match for pattern in _LIMITS if (match := pattern.search(message))), None)
    return int(found[1]) if found else None


def _by_status(status: int | None) -> Meaning:
    if status is None:
        return ProviderDown
    if status in _STATUSES:
        return _STATUSES[status]
    if 300 <= status < 400:
        return BadAnswer  # a redirect, which is not followed: the key is not for another address
    return ProviderDown if status >= 500 else ModelError
