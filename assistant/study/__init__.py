"""From notes to memory: what the learner keeps, practises and reviews. Knows no screen."""
