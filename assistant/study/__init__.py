"""From notes to memory: what is made of chunks so that a learner remembers them. Knows no screen."""
