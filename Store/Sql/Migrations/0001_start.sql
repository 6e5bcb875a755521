-- Digests are 32-byte blobs, times are Unix seconds, lengths are bytes.

CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  cut_min_bytes INTEGER NOT NULL,
  cut_average_bytes INTEGER NOT NULL,
  cut_max_bytes INTEGER NOT NULL,
  -- The 64 bits of the seed, as a signed number.
  cut_seed INTEGER NOT NULL,
  -- Sums over product_chunks, kept as rows are added there.
  distinct_plain_bytes INTEGER NOT NULL DEFAULT 0,
  stored_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE roots (
  product_id INTEGER NOT NULL REFERENCES products (id),
  version INTEGER NOT NULL,
  digest BLOB NOT NULL,
  expires INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  PRIMARY KEY (product_id, version)
) STRICT;

CREATE TABLE packs (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  -- Of the whole object, trailer included.
  stored_bytes INTEGER NOT NULL,
  -- The chunks that point here, and their plain bytes; what stands in the pack a second time is not counted.
  chunks INTEGER NOT NULL,
  plain_bytes INTEGER NOT NULL,
  -- The publish that brought it.
  publish BLOB NOT NULL,
  added INTEGER NOT NULL
) STRICT;

CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  pack_id INTEGER NOT NULL REFERENCES packs (id),
  -- The frame is told here, not in a table of its own: a chunk is found by one row.
  frame_offset INTEGER NOT NULL,
  frame_stored_bytes INTEGER NOT NULL,
  frame_plain_bytes INTEGER NOT NULL,
  plain_offset INTEGER NOT NULL,
  plain_bytes INTEGER NOT NULL,
  -- The first release that had it; null until one is committed.
  release_id INTEGER
) STRICT;

CREATE TABLE recipes (
  digest BLOB NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  platform TEXT NOT NULL,
  version TEXT NOT NULL,
  counter INTEGER NOT NULL,
  manifest BLOB NOT NULL UNIQUE,
  manifest_payload_bytes INTEGER NOT NULL,
  manifest_envelope_bytes INTEGER NOT NULL,
  published INTEGER NOT NULL,
  committed INTEGER NOT NULL,
  logical_bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  distinct_chunks INTEGER NOT NULL,
  distinct_plain_bytes INTEGER NOT NULL,
  new_chunks INTEGER NOT NULL,
  new_plain_bytes INTEGER NOT NULL,
  new_stored_bytes INTEGER NOT NULL,
  UNIQUE (product_id, platform, version),
  UNIQUE (product_id, platform, counter)
) STRICT;

-- Whole files that a product has had, cut with its parameters; no recipe: the file is one chunk.
CREATE TABLE product_files (
  product_id INTEGER NOT NULL REFERENCES products (id),
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  recipe BLOB,
  PRIMARY KEY (product_id, digest)
) STRICT, WITHOUT ROWID;

-- The distinct chunks of all releases of a product.
CREATE TABLE product_chunks (
  product_id INTEGER NOT NULL REFERENCES products (id),
  chunk_id INTEGER NOT NULL REFERENCES chunks (id),
  PRIMARY KEY (product_id, chunk_id)
) STRICT, WITHOUT ROWID;

-- The newest pointer of each channel.
CREATE TABLE pointers (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  platform TEXT NOT NULL,
  channel TEXT NOT NULL,
  seq INTEGER NOT NULL,
  digest BLOB NOT NULL,
  current BLOB NOT NULL REFERENCES releases (manifest),
  candidate BLOB REFERENCES releases (manifest),
  issued INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  UNIQUE (product_id, platform, channel)
) STRICT;

CREATE INDEX pointers_by_current ON pointers (current);

-- The releases that were ever current in a channel.
CREATE TABLE channel_releases (
  product_id INTEGER NOT NULL REFERENCES products (id),
  platform TEXT NOT NULL,
  channel TEXT NOT NULL,
  release_id INTEGER NOT NULL REFERENCES releases (id),
  PRIMARY KEY (product_id, platform, channel, release_id)
) STRICT, WITHOUT ROWID;

-- A publish under way; its row is its lease (docs/adr/0003).
CREATE TABLE publishes (
  id BLOB NOT NULL PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  platform TEXT NOT NULL,
  version TEXT NOT NULL,
  channel TEXT NOT NULL,
  allows_older INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  secret_digest BLOB NOT NULL,
  -- 1 install, 2 reader, 3 publisher, 4 admin.
  role INTEGER NOT NULL,
  product_id INTEGER REFERENCES products (id),
  channel TEXT,
  created INTEGER NOT NULL,
  expires INTEGER,
  -- How many devices it enrols, 0 for any number, and how many it has.
  uses INTEGER NOT NULL,
  used INTEGER NOT NULL,
  is_revoked INTEGER NOT NULL,
  label TEXT NOT NULL
) STRICT;

CREATE TABLE devices (
  id TEXT NOT NULL PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  channel TEXT NOT NULL,
  platform TEXT NOT NULL,
  public_key BLOB NOT NULL,
  token_id TEXT NOT NULL REFERENCES tokens (id),
  enrolled INTEGER NOT NULL,
  UNIQUE (token_id, public_key)
) STRICT;

-- What each device said last.
CREATE TABLE device_reports (
  device_id TEXT NOT NULL PRIMARY KEY REFERENCES devices (id),
  received INTEGER NOT NULL,
  product TEXT NOT NULL,
  platform TEXT NOT NULL,
  channel TEXT NOT NULL,
  running BLOB,
  running_version TEXT NOT NULL,
  state INTEGER NOT NULL,
  target BLOB,
  cause_code TEXT NOT NULL,
  cause_text TEXT NOT NULL,
  wire_bytes_up INTEGER NOT NULL,
  wire_bytes_down INTEGER NOT NULL,
  agent_version TEXT NOT NULL
) STRICT;
