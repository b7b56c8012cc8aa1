"""Looks whether everything the learner has set up works, and says what to do where it does not."""
