-- What a file itself calls the place of a chunk: a cell, rows, a time. Not embedded, so not part of text_hash.

ALTER TABLE chunks ADD COLUMN label TEXT NOT NULL DEFAULT '';
