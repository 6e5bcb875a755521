-- Deltas: a cache beside the releases; every row may go.

CREATE TABLE deltas (
  from_id INTEGER NOT NULL REFERENCES releases (id),
  to_id INTEGER NOT NULL REFERENCES releases (id),
  -- 1 quick, 2 best.
  quality INTEGER NOT NULL,
  -- Null: it was made and is not stored, since chunks are as cheap, or, if evicted is set, for want of room.
  digest BLOB UNIQUE,
  evicted INTEGER,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  target_bytes INTEGER NOT NULL,
  built INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (from_id, to_id, quality)
) STRICT, WITHOUT ROWID;

CREATE INDEX deltas_by_target ON deltas (to_id);

-- The deltas that are to be made; a job is gone when it is done.
CREATE TABLE delta_jobs (
  id INTEGER PRIMARY KEY,
  from_id INTEGER NOT NULL REFERENCES releases (id),
  to_id INTEGER NOT NULL REFERENCES releases (id),
  quality INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  -- Not before this time.
  due INTEGER NOT NULL,
  -- Null: nobody has it.
  leased_until INTEGER,
  error TEXT NOT NULL,
  UNIQUE (from_id, to_id, quality)
) STRICT;

CREATE INDEX device_reports_by_product ON device_reports (product, running);
