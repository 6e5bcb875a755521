-- Deleted channels and withdrawn releases.

-- When the channel was deleted; null: it is there. Its last pointer stays, so that numbers never start again.
ALTER TABLE pointers ADD COLUMN deleted INTEGER;

-- Releases that pointers revoke; a channel's pointers must all name them. The reason is signed by nobody.
CREATE TABLE withdrawals (
  product_id INTEGER NOT NULL REFERENCES products (id),
  platform TEXT NOT NULL,
  manifest BLOB NOT NULL,
  withdrawn INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (product_id, platform, manifest)
) STRICT, WITHOUT ROWID;
