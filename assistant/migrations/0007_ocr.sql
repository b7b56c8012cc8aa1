-- What each page of a note is, the text of pages that was recognised from their pictures, and what notes call and link to each other.

ALTER TABLE notes ADD COLUMN qualities TEXT; -- JSON list: text, ocr, scanned, garbled, blank, damaged, unread; NULL: read before
ALTER TABLE notes ADD COLUMN aliases   TEXT; -- JSON list
ALTER TABLE notes ADD COLUMN links     TEXT; -- JSON list of [target, part, shown, embedded]

-- Read again at the next sync: pages that were garbled, and Markdown whose signs were indexed as words.
UPDATE notes SET content_hash = '' WHERE failure IS NULL AND (kind = 'pdf' OR (kind = 'markdown' AND
    (text LIKE '%[[%' OR text LIKE '%::%' OR text LIKE '%((%' OR text LIKE '%[!%' OR text LIKE '%TODO%')));

-- Under the hash of the file, so that no page is ever recognised twice, wherever the file goes.
CREATE TABLE ocr_pages (
    content_hash TEXT NOT NULL,
    page         INTEGER NOT NULL,           -- from 1; a picture is one page
    text         TEXT NOT NULL,
    certainty    REAL,                       -- mean over its lines, 0 to 1; NULL where there are none
    read_at      TEXT NOT NULL,
    PRIMARY KEY (content_hash, page)
) WITHOUT ROWID;
