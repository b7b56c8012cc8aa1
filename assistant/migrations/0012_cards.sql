-- Cards and the book of their reviews. A card that waits in the list of new ones has accepted = 0.

CREATE TABLE cards (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    guid         TEXT NOT NULL UNIQUE,          -- what Anki knows it by
    key          TEXT NOT NULL UNIQUE,          -- of its front: two cards that ask the same are one
    kind         TEXT NOT NULL,                 -- basic, cloze
    front        TEXT NOT NULL,
    back         TEXT NOT NULL,
    deck         TEXT NOT NULL,                 -- '' for the one that everything goes to
    origin       TEXT NOT NULL,                 -- definition, table, heading, cloze, answer, quiz, hand, model, import
    accepted     INTEGER NOT NULL,
    note         TEXT,                          -- NULL: written by hand
    heading      TEXT NOT NULL,                 -- JSON list
    line_first   INTEGER NOT NULL,
    line_last    INTEGER NOT NULL,
    passage      TEXT NOT NULL,                 -- as it stood when the card was made or last looked over
    passage_hash TEXT NOT NULL,
    stale        TEXT,                          -- what stands there now; '' where it is gone, NULL while nothing changed
    state        TEXT NOT NULL,                 -- new, learning, review, relearning
    due          TEXT NOT NULL,                 -- UTC, as all moments here, with seconds: sorts as it reads
    step         INTEGER,
    stability    REAL,
    difficulty   REAL,
    last_review  TEXT,
    lapses       INTEGER NOT NULL DEFAULT 0,
    suspended    INTEGER NOT NULL DEFAULT 0,
    leech        INTEGER NOT NULL DEFAULT 0,
    buried_until TEXT NOT NULL DEFAULT '',
    version      INTEGER NOT NULL DEFAULT 0,    -- counts changes of its schedule: a review of a former one is refused
    created_at   TEXT NOT NULL,
    changed_at   TEXT NOT NULL
);
CREATE INDEX cards_by_due ON cards (accepted, suspended, state, due, buried_until); -- all that counting what waits looks at
CREATE INDEX cards_by_note ON cards (note);

CREATE TABLE reviews (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    card_id INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    seen    INTEGER NOT NULL,                   -- the version of the card that was graded
    at      TEXT NOT NULL,
    rating  INTEGER NOT NULL,                   -- 1 again, 2 hard, 3 good, 4 easy
    seconds REAL NOT NULL,                      -- from the question to the grade
    before  TEXT NOT NULL,                      -- JSON: the schedule that it had
    undone  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (card_id, seen)
);
CREATE INDEX reviews_by_time ON reviews (at);

-- What was dropped once is not proposed again.
CREATE TABLE dropped_cards (key TEXT PRIMARY KEY) WITHOUT ROWID;

-- Which notes were looked at for changed passages, in which version.
CREATE TABLE card_notes (
    note         TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL
) WITHOUT ROWID;
