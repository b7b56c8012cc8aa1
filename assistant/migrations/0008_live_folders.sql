-- What a sync must remember between two looks (knowledge/unfinished.py).

-- The sync that was begun and has not ended: a crash, a pause or a closed app leave the row behind.
CREATE TABLE unfinished_sync (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    total  INTEGER NOT NULL,                 -- files that were to be read when it was begun
    left_over INTEGER NOT NULL,              -- of these, how many still are
    paused INTEGER NOT NULL                  -- 1: the learner said so; nothing starts by itself until resumed
);

-- Folders inside the notes folders that were another disk. While one is not mounted, what was read of it stays.
CREATE TABLE mounts (
    root TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (root, path)
);
