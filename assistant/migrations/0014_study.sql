-- What the learner has settled among the open points of the notes, and finished parts of study guides, paid for once.

CREATE TABLE backlog_done (
    note_id INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,  -- hash of the point's own words and heading: edits elsewhere in the note do not touch it
    done_at TEXT NOT NULL,
    PRIMARY KEY (note_id, key)
);

CREATE TABLE guide_parts (
    key     TEXT PRIMARY KEY, -- hash of passages, wording and model: the same call is not paid for again
    text    TEXT NOT NULL,    -- as the model wrote it, without invented markers
    made_at TEXT NOT NULL
);
