-- What several servers of one catalogue share.

-- How often a job was claimed: a worker whose lease ran out is told from the one that has the job now.
ALTER TABLE delta_jobs ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;

-- Signed calls of devices, each by a digest of device and nonce, so that a call is accepted once.
CREATE TABLE device_calls (
  call BLOB NOT NULL PRIMARY KEY,
  -- Not needed any more from this time on.
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX device_calls_by_end ON device_calls (until);
