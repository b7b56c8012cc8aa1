"""The query engine that the front end talks to: LlamaIndex's interface over prepare and send."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator, Sequence

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import QueryBundle

from assistant.answers import ask
from assistant.answers.ask import Answer, Draft
from assistant.answers.booking import answered
from assistant.answers.connection import Connection
from assistant.answers.prompt import Exchange
from assistant.answers.scope import NO_LIMIT, Reach
from assistant.errors import Language
from assistant.knowledge.nodes import StudyRetriever, match_node
from assistant.money.ledger import Ledger
from assistant.providers.base import Delta, Picture
from assistant.providers.llama_llm import StudyLLM


def study_llm(connection: Connection) -> StudyLLM:
    """Offer a connection's model as a LlamaIndex LLM that refuses what does not fit; see ``StudyLLM`` for what it leaves to you."""
    window = connection.window
    size = {} if window is None else {"context_window": window}
    return StudyLLM(connection.model, max_tokens=connection.max_tokens, check=connection.check, **size)


class StudyQueryEngine(BaseQueryEngine):
    """Answers from the notes. ``query()`` is ``send(prepare(…))``; the app calls the two steps itself.

    Whoever calls ``query()`` has agreed to its price; each request is entered in the ledger, and what does not fit is not sent.

    >>> from assistant.bootstrap import open_assistant, demo_settings
    >>> assistant = open_assistant(demo_settings({"gradient.md": "# Gradient\\n\\nA gradient points uphill."}))
    >>> report = assistant.sync().run()
    >>> response = assistant.engine.query("Where does a gradient point?")
    >>> "points uphill" in str(response), response.source_nodes[0].metadata["note"]
    (True, 'gradient.md')
    """

    def __init__(
        self, retriever: StudyRetriever, connection: Connection, ledger: Ledger, answer_in: Language | None = None
    ) -> None:
        super().__init__(callback_manager=None)
        self.retriever = retriever
        self.connection = connection
        self.ledger = ledger
        self.answer_in: Language | None = answer_in

    def prepare(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        within: Collection[str] | None = None,
        reach: Reach = NO_LIMIT,
        pictures: Sequence[Picture] = (),
    ) -> Draft:
        """Search and write the messages; nothing is sent."""
        return ask.prepare(
            question,
            search=self.retriever.search,
            connection=self.connection,
            history=history,
            within=within,
            limit=self.retriever.limit,
            answer_in=self.answer_in,
            reach=reach,
            pictures=pictures,
        )

    def send(self, draft: Draft) -> Generator[Delta, None, Answer]:
        """Yield the answer as it comes; the generator's return value is the checked answer."""
        return ask.send(draft)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        draft = self.prepare(query_bundle.query_str)
        answer = answered(draft, self.ledger)
        return Response(
            response=answer.text,
            source_nodes=[match_node(match) for match in draft.matches],
            metadata={
                "citations": [citation.as_json() for citation in answer.citations],
                "receipt": answer.receipt.as_json(),
            },
        )

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}
