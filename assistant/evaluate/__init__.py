"""How good the search is: on public sets, and on the learner's own notes."""
