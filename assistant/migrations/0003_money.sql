-- What the forecast was, so that it can be held against the bill, and what the next forecast can be learned from.

ALTER TABLE ledger ADD COLUMN cached_tokens     INTEGER;                    -- part of prompt_tokens, billed at less
ALTER TABLE ledger ADD COLUMN counted_tokens    INTEGER;                    -- our own count, before any learned correction
ALTER TABLE ledger ADD COLUMN thinking          INTEGER NOT NULL DEFAULT 0; -- whether it was asked to think first
ALTER TABLE ledger ADD COLUMN bound             TEXT NOT NULL DEFAULT '';   -- '', at_most (cheaper hours), about (our count, not theirs)
ALTER TABLE ledger ADD COLUMN forecast_currency TEXT;
ALTER TABLE ledger ADD COLUMN forecast_low      TEXT;                       -- decimals, as shown before sending
ALTER TABLE ledger ADD COLUMN forecast_typical  TEXT;
ALTER TABLE ledger ADD COLUMN forecast_high     TEXT;
CREATE INDEX ledger_by_model ON ledger (provider, model, purpose);
