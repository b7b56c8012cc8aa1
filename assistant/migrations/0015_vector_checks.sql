-- SQLite tells a torn page from a whole one, but not a flipped bit inside a blob: a wrong vector would be searched without
-- a word. CRC-32 of its bytes; NULL for those that were written before there was one.
ALTER TABLE vectors ADD COLUMN checksum INTEGER;
