"""From notes to memory: cards, when to see them again, and what else grows out of the learner's own notes."""
