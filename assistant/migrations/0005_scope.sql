-- What a question may look at: the tags of notes, and the choice of each conversation; and the pictures that came with questions.

ALTER TABLE notes ADD COLUMN tags TEXT;      -- JSON list; NULL: read before tags were known, the next sync looks

CREATE TABLE scopes (
    conversation_id TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    scope           TEXT NOT NULL            -- JSON: paths, tags, pinned, general
);

CREATE TABLE pictures (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL,                   -- image/png, image/jpeg
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    content BLOB NOT NULL                    -- as it is sent: drawn anew, no larger than is of use
);
CREATE INDEX pictures_by_turn ON pictures (turn_id);
