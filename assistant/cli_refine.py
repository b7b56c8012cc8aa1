"""What a model may do for a search before an answer, in the terminal: its price wants a yes like everything else."""

from __future__ import annotations

import argparse
import sys

from assistant.answers.draft import Draft
from assistant.bootstrap import Assistant
from assistant.cli_agree import agree
from assistant.connections import Choice
from assistant.errors import SettingsError
from assistant.refining import reranker, steps, take


def refine(assistant: Assistant, draft: Draft, given: argparse.Namespace) -> Draft:
    """Take the steps that the command line names, once their price is agreed to; a failed one is told on stderr."""
    choice = _named(given.rerank) if given.rerank else None
    if choice:
        reranker(assistant, choice)  # a name that nobody knows is said before anything is sent
    history = assistant.conversations.history(given.conversation) if given.conversation else []
    while wanted := steps(assistant, draft, history, method=given.rewrite, choice=choice):
        agree(assistant, wanted[0].cost, given.yes or wanted[0].local)
        draft = take(assistant, draft, history, wanted[0])
        failure = draft.asked.refined[-1].failure
        if failure:
            language = assistant.settings.language or "zh"
            sys.stderr.write(f"{failure.message(language)} {failure.hint(language)}\n")
    return draft


def _named(written: str) -> Choice:
    provider, slash, model = written.partition("/")
    if not slash or not provider or not model:
        raise SettingsError(name="--rerank", value=written, allowed="dashscope/qwen3-rerank")
    return Choice(provider, model)
