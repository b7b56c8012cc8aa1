-- The one truth on disk. Everything else (FAISS, statistics on screen) is derived from these tables.

CREATE TABLE notes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    root         TEXT NOT NULL,              -- the folder it was found in; '' for uploads
    file         TEXT NOT NULL,              -- path inside that folder; for uploads the stored file's name
    path         TEXT NOT NULL UNIQUE,       -- what the learner sees
    title        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    content_hash TEXT NOT NULL,              -- sha256 of the file's bytes
    size         INTEGER NOT NULL,
    encoding     TEXT NOT NULL,
    text         TEXT NOT NULL,              -- the decoded text that chunks point into
    page_starts  TEXT NOT NULL,              -- JSON list of offsets
    problems     TEXT NOT NULL,              -- JSON list of {reason, pages}
    failure      TEXT,                       -- JSON {kind, details} where it could not be read
    synced_at    TEXT NOT NULL,
    UNIQUE (root, file)
);
CREATE INDEX notes_by_content ON notes (content_hash);

CREATE TABLE chunks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: FAISS and citations hold on to it
    note_id    INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    text_hash  TEXT NOT NULL,                -- of the text that is embedded
    heading    TEXT NOT NULL,                -- JSON list
    lead       TEXT NOT NULL,
    page       INTEGER,
    line_first INTEGER NOT NULL,
    line_last  INTEGER NOT NULL,
    char_start INTEGER NOT NULL,
    char_end   INTEGER NOT NULL,
    tokens     INTEGER NOT NULL,
    text       TEXT NOT NULL,
    UNIQUE (note_id, ordinal)
);
CREATE INDEX chunks_by_text ON chunks (text_hash);

-- Kept when their chunk goes: coming back to a former text or model costs nothing.
CREATE TABLE vectors (
    embedder  TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    vector    BLOB NOT NULL,                 -- float32, little endian
    PRIMARY KEY (embedder, text_hash)
) WITHOUT ROWID;

-- Counts committed changes to chunks, so that other threads and processes notice.
CREATE TABLE generation (number INTEGER NOT NULL);
INSERT INTO generation VALUES (0);

CREATE TABLE uploads (
    content_hash TEXT PRIMARY KEY,
    name         TEXT NOT NULL,              -- as the learner's file was called
    suffix       TEXT NOT NULL,
    size         INTEGER NOT NULL,
    added_at     TEXT NOT NULL
);

CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE turns (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question        TEXT NOT NULL,
    answer          TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL,           -- running, complete, stopped, failed
    record          TEXT NOT NULL DEFAULT '{}', -- JSON: matches, citations, receipt, error
    asked_at        TEXT NOT NULL
);
CREATE INDEX turns_by_conversation ON turns (conversation_id);

CREATE TABLE preferences (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL                      -- JSON
);

-- The keyword index (knowledge/keywords.py). FTS5 keeps no text of its own: what it was made from stands in
-- keyword_texts, because it wants the very same terms again when a row is removed, and stored pairs would double the
-- table. The ASCII tokenizer takes every character beyond ASCII as part of a term, so terms stay as they were made.
CREATE TABLE keyword_texts (
    chunk_id    INTEGER PRIMARY KEY,
    title_words TEXT NOT NULL,
    body_words  TEXT NOT NULL,
    title_runs  TEXT NOT NULL,
    body_runs   TEXT NOT NULL
);
CREATE TABLE keyword_totals (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    chunks      INTEGER NOT NULL,
    title_words INTEGER NOT NULL,
    body_words  INTEGER NOT NULL,
    title_pairs INTEGER NOT NULL,
    body_pairs  INTEGER NOT NULL
);
INSERT INTO keyword_totals VALUES (1, 0, 0, 0, 0, 0);
CREATE VIRTUAL TABLE keyword_index USING fts5 (
    title_words, body_words, title_pairs, body_pairs, content = '', tokenize = "ascii tokenchars '_-.+#~'"
);
CREATE VIRTUAL TABLE keyword_terms USING fts5vocab (keyword_index, row);
