-- Conversations that branch, can be pinned and thrown away, and whose words can be searched.

ALTER TABLE conversations ADD COLUMN named      INTEGER NOT NULL DEFAULT 0; -- 1: the learner chose the title
ALTER TABLE conversations ADD COLUMN pinned     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN deleted_at TEXT;                       -- when it was put into the trash
ALTER TABLE conversations ADD COLUMN last_turn  INTEGER;                    -- the end of the branch that is shown
ALTER TABLE turns ADD COLUMN parent_id INTEGER REFERENCES turns (id) ON DELETE CASCADE; -- always a smaller id

UPDATE conversations SET named = 1; -- nobody wrote down which titles were chosen: none may be lost
UPDATE turns SET parent_id =
    (SELECT max(former.id) FROM turns AS former WHERE former.conversation_id = turns.conversation_id AND former.id < turns.id);
UPDATE conversations SET last_turn = (SELECT max(id) FROM turns WHERE conversation_id = conversations.id);
CREATE INDEX turns_by_parent ON turns (parent_id);
CREATE INDEX conversations_by_use ON conversations (updated_at);

-- The words of questions and answers (answers/conversation_search.py): a turn without a row waits to be read again.
CREATE VIRTUAL TABLE turn_words USING fts5 (words, tokenize = "ascii tokenchars '_-.+#~'");
CREATE TRIGGER turn_words_outdated AFTER UPDATE OF answer ON turns BEGIN
    DELETE FROM turn_words WHERE rowid = old.id;
END;
CREATE TRIGGER turn_words_gone AFTER DELETE ON turns BEGIN
    DELETE FROM turn_words WHERE rowid = old.id;
END;
