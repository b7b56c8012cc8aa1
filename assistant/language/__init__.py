"""Words and sentences of Chinese and English text. Knows nothing of notes, models or screens."""
