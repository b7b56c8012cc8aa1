-- What the notes define (derived from their text, made again where it is missing).

CREATE TABLE terms (
    note_id          INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    zh               TEXT NOT NULL,
    en               TEXT NOT NULL,
    abbreviation     TEXT NOT NULL,
    definition       TEXT NOT NULL,          -- '' where the note only names the term
    line_first       INTEGER NOT NULL,
    line_last        INTEGER NOT NULL,
    zh_key           TEXT NOT NULL,          -- as they are compared: width, case, traditional characters and plurals folded
    en_key           TEXT NOT NULL,
    abbreviation_key TEXT NOT NULL
);
CREATE INDEX terms_by_note ON terms (note_id);
CREATE INDEX terms_by_zh ON terms (zh_key);
CREATE INDEX terms_by_en ON terms (en_key);
CREATE INDEX terms_by_abbreviation ON terms (abbreviation_key);

ALTER TABLE notes ADD COLUMN terms_read INTEGER NOT NULL DEFAULT 0; -- by which version of the miner; 0: not yet
