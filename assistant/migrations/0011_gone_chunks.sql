-- Which chunks went, in order, so that an index in memory or on a server takes out these few and need not compare all ids.
CREATE TABLE gone_chunks (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id  INTEGER NOT NULL,
    text_hash TEXT NOT NULL
);
CREATE TRIGGER chunk_gone AFTER DELETE ON chunks BEGIN
    INSERT INTO gone_chunks (chunk_id, text_hash) VALUES (old.id, old.text_hash);
    -- An index that has slept through more than this builds itself anew.
    DELETE FROM gone_chunks WHERE number <= (SELECT max(number) FROM gone_chunks) - 100000;
END;

-- What tells this library from others on a server that they share.
CREATE TABLE library (id TEXT NOT NULL);
INSERT INTO library VALUES (lower(hex(randomblob(16))));
