"""The name of the review page in the sidebar, with how many cards wait."""

from __future__ import annotations

from assistant.ui.session import assistant, now, say


def review_title() -> str:
    """Return the page's name and, where any wait, the count."""
    waiting = assistant().reviews.due(now()).total
    return say("app.review_due", count=waiting) if waiting else say("app.review")
