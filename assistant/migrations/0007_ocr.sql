-- What each page of a note is, and the text of pages that was recognised from their pictures.

ALTER TABLE notes ADD COLUMN qualities TEXT; -- JSON list: text, ocr, scanned, garbled, blank, damaged, unread; NULL: read before

-- Under the hash of the file, so that no page is ever recognised twice, wherever the file goes.
CREATE TABLE ocr_pages (
    content_hash TEXT NOT NULL,
    page         INTEGER NOT NULL,           -- from 1; a picture is one page
    text         TEXT NOT NULL,
    certainty    REAL,                       -- mean over its lines, 0 to 1; NULL where there are none
    read_at      TEXT NOT NULL,
    PRIMARY KEY (content_hash, page)
) WITHOUT ROWID;
