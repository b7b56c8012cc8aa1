-- Quizzes, their questions, attempts and answers (study/quiz_store.py): nothing of them is lost with the process.

CREATE TABLE quizzes (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    made_at    TEXT NOT NULL,
    dropped    INTEGER NOT NULL DEFAULT 0     -- questions of a model that did not stand the check
);
CREATE TABLE quiz_questions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    quiz_id     TEXT NOT NULL REFERENCES quizzes (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    question    TEXT NOT NULL                 -- JSON, with its passage as it was
);
CREATE INDEX quiz_questions_by_quiz ON quiz_questions (quiz_id);
CREATE INDEX quiz_questions_by_fingerprint ON quiz_questions (fingerprint);

CREATE TABLE quiz_attempts (
    id         TEXT PRIMARY KEY,
    quiz_id    TEXT NOT NULL REFERENCES quizzes (id) ON DELETE CASCADE,
    started_at TEXT NOT NULL
);
CREATE INDEX quiz_attempts_by_quiz ON quiz_attempts (quiz_id);
CREATE TABLE quiz_answers (
    attempt_id  TEXT NOT NULL REFERENCES quiz_attempts (id) ON DELETE CASCADE,
    question_id INTEGER NOT NULL REFERENCES quiz_questions (id) ON DELETE CASCADE,
    given       TEXT NOT NULL,                -- JSON: choices, text
    correct     INTEGER,                      -- NULL: a short answer that is not marked yet
    marked_by   TEXT NOT NULL DEFAULT '',     -- key, learner, model
    reason      TEXT NOT NULL DEFAULT '',
    answered_at TEXT NOT NULL,
    PRIMARY KEY (attempt_id, question_id)     -- of two tabs that answer one question, the first counts
) WITHOUT ROWID;

-- Questions that the learner called wrong: they are in no quiz, and are not made again.
CREATE TABLE quiz_refused (
    fingerprint TEXT PRIMARY KEY,
    at          TEXT NOT NULL
);
