-- Every call to a model, finished or not: what was predicted and what was billed.

CREATE TABLE ledger (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    at                TEXT NOT NULL,
    purpose           TEXT NOT NULL,        -- answer, embedding, test
    provider          TEXT NOT NULL,
    model             TEXT NOT NULL,
    state             TEXT NOT NULL,        -- complete, stopped, failed
    error             TEXT,                 -- the kind of the error
    predicted_tokens  INTEGER NOT NULL,
    prompt_tokens     INTEGER,              -- as billed; NULL where the provider did not say
    completion_tokens INTEGER,
    reasoning_tokens  INTEGER,
    currency          TEXT,
    amount            TEXT,                 -- decimal; NULL = unknown, which is not nothing
    seconds           REAL NOT NULL
);
CREATE INDEX ledger_by_time ON ledger (at);
