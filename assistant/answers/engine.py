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
from assistant.answers.connection import Connection
from assistant.answers.prompt import Exchange
from assistant.answers.scope import NO_LIMIT, Reach
from assistant.knowledge.nodes import StudyRetriever, match_node
from assistant.providers.base import Delta, Picture


class StudyQueryEngine(BaseQueryEngine):
    """Answers from the notes. ``query()`` is ``send(prepare(…))``; the app calls the two steps itself.

    >>> from assistant.bootstrap import open_assistant, demo_settings
    >>> assistant = open_assistant(demo_settings({"gradient.md": "# Gradient\\n\\nA gradient points uphill."}))
    >>> report = assistant.sync().run()
    >>> response = assistant.engine.query("Where does a gradient point?")
    >>> "points uphill" in str(response), response.source_nodes[0].metadata["note"]
    (True, 'gradient.md')
    """

    def __init__(self, retriever: StudyRetriever, connection: Connection) -> None:
        super().__init__(callback_manager=None)
        self.retriever = retriever
        self.connection = connection

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
            reach=reach,
            pictures=pictures,
        )

    def send(self, draft: Draft) -> Generator[Delta, None, Answer]:
        """Yield the answer as it comes; the generator's return value is the checked answer."""
        return ask.send(draft)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        draft = self.prepare(query_bundle.query_str)
        pieces = self.send(draft)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                answer: Answer = end.value
                break
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
