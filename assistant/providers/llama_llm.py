"""Any of our chat models as a LlamaIndex LLM, for agents and other people's code. Importing this imports LlamaIndex.

Knows no vendor. The messages go out as LlamaIndex wrote them, control tokens and all: who writes a prompt answers for it.
No yes is asked for and no ledger written, both being the caller's; what does not fit is refused by the check handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, cast

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM

from assistant.providers.base import ChatModel, Delta, Message, Request, Role, Usage
from assistant.providers.failures import wordless

Check = Callable[[Request], None]  # raises what stands against sending a request

_ROLES: dict[MessageRole, Role] = {
    MessageRole.SYSTEM: "system",
    MessageRole.DEVELOPER: "system",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
}


class StudyLLM(CustomLLM):
    """A LlamaIndex LLM over a ``ChatModel``; closing a stream stops the model, ``raw`` of the last piece holds the usage."""

    context_window: int = Field(default=8192, gt=0, description="How many tokens prompt and answer may have together.")
    max_tokens: int | None = Field(
        default=None, gt=0, description="Where an answer is cut; None for the model's own limit."
    )
    _model: ChatModel = PrivateAttr()
    _check: Check = PrivateAttr()

    def __init__(
        self,
        model: ChatModel,
        *,
        context_window: int = 8192,
        max_tokens: int | None = None,
        check: Check = lambda request: None,
        **given: Any,
    ) -> None:
        super().__init__(context_window=context_window, max_tokens=max_tokens, **given)
        self._model = model
        self._check = check

    @classmethod
    def class_name(cls) -> str:
        """Return the name LlamaIndex stores for this kind of LLM."""
        return "StudyLLM"

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex plans prompts with."""
        return LLMMetadata(
            context_window=self.context_window,
            num_output=self.max_tokens or LLMMetadata().num_output,
            is_chat_model=True,
            model_name=self._model.name,
        )

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation as a whole."""
        *_, last = (_piece("", Delta(), Delta()), *self._follow(messages, kwargs))
        return ChatResponse(message=last.message, raw=last.raw, additional_kwargs=last.additional_kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Answer a conversation piece by piece."""
        return cast("ChatResponseGen", self._follow(messages, kwargs))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Answer a single message as a whole."""
        *_, last = (CompletionResponse(text=""), *self._completed(prompt, kwargs))
        return CompletionResponse(text=last.text, raw=last.raw, additional_kwargs=last.additional_kwargs)

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        """Answer a single message piece by piece."""
        return cast("CompletionResponseGen", self._completed(prompt, kwargs))

    def _completed(self, prompt: str, given: dict[str, Any]) -> Iterator[CompletionResponse]:
        with closing(
            cast("ChatResponseGen", self._follow([ChatMessage(role=MessageRole.USER, content=prompt)], given))
        ) as pieces:
            for piece in pieces:
                yield CompletionResponse(
                    text=piece.message.content or "",
                    delta=piece.delta,
                    raw=piece.raw,
                    additional_kwargs=piece.additional_kwargs,
                )

    def _follow(self, messages: Sequence[ChatMessage], given: dict[str, Any]) -> Iterator[ChatResponse]:
        text, ending, thought = "", Delta(), False
        request = self._request(messages, given)
        self._check(request)
        with closing(cast("Any", self._model.stream(request))) as deltas:
            for delta in deltas:
                if delta == Delta():
                    continue
                text += delta.text
                thought = thought or bool(delta.thinking)
                ending = Delta(usage=delta.usage or ending.usage, finish=delta.finish or ending.finish)
                yield _piece(text, delta, ending)
        failure = None if text.strip() else wordless(self._model.provider, ending.finish, thought, ending.usage)
        if failure is not None:
            raise failure

    def _request(self, messages: Sequence[ChatMessage], given: dict[str, Any]) -> Request:
        sent = tuple(Message(_ROLES.get(message.role, "user"), message.content or "") for message in messages)
        question = next((message.content for message in reversed(sent) if message.role == "user"), "")
        return Request(sent, question, (), max_tokens=given.get("max_tokens") or self.max_tokens)


def _piece(text: str, delta: Delta, ending: Delta) -> ChatResponse:
    counts = _counts(ending.usage)
    return ChatResponse(
        message=ChatMessage(role=MessageRole.ASSISTANT, content=text),
        delta=delta.text,
        raw={"finish_reason": ending.finish, "usage": counts},
        additional_kwargs=({"thinking_delta": delta.thinking} if delta.thinking else {}) | counts,
    )


def _counts(usage: Usage | None) -> dict[str, Any]:
    """Return the counts by the names that LlamaIndex's own token counter looks for."""
    if usage is None:
        return {}
    return {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
