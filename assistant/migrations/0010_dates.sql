-- When a note's file was last changed, by its own account: what a search can be kept to.

CREATE TABLE note_dates (
    note_id     INTEGER PRIMARY KEY REFERENCES notes (id) ON DELETE CASCADE,
    modified_at TEXT NOT NULL                -- YYYY-MM-DD in the learner's zone
);
