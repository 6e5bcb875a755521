-- Collection: releases that were deleted, and what nothing refers to any more (docs/adr/0040).

-- When the release was deleted, and when its content was given up; null: it was not. The row stays for ever: a version
-- and a counter are used once.
ALTER TABLE releases ADD COLUMN deleted INTEGER;
ALTER TABLE releases ADD COLUMN purged INTEGER;

-- The number of the collection during which the publish began; the largest there is once its release is visible.
ALTER TABLE publishes ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

-- How many of its newest releases a channel keeps; no row: all.
CREATE TABLE retention (
  product_id INTEGER NOT NULL REFERENCES products (id),
  channel TEXT NOT NULL,
  keep INTEGER NOT NULL,
  PRIMARY KEY (product_id, channel)
) STRICT, WITHOUT ROWID;

-- Stored bytes of all frames, and of the chunks that point here.
ALTER TABLE packs ADD COLUMN frame_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE packs ADD COLUMN live_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE packs SET frame_bytes = s.bytes, live_bytes = s.bytes FROM (
  SELECT pack_id, sum((plain_offset + plain_bytes) * frame_stored_bytes / frame_plain_bytes
    - plain_offset * frame_stored_bytes / frame_plain_bytes) AS bytes
  FROM chunks GROUP BY pack_id) AS s
WHERE s.pack_id = packs.id;

CREATE INDEX packs_without_chunks ON packs (id) WHERE chunks = 0;
CREATE INDEX chunks_by_pack ON chunks (pack_id);

-- The same rows as before, in the order of the chunks: a chunk of no product is garbage.
CREATE TABLE chunk_products (
  chunk_id INTEGER NOT NULL REFERENCES chunks (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  PRIMARY KEY (chunk_id, product_id)
) STRICT, WITHOUT ROWID;
INSERT INTO chunk_products (chunk_id, product_id) SELECT chunk_id, product_id FROM product_chunks ORDER BY chunk_id;
DROP TABLE product_chunks;
ALTER TABLE chunk_products RENAME TO product_chunks;

CREATE TABLE numbered_recipes (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO numbered_recipes (digest, bytes) SELECT digest, bytes FROM recipes;
DROP TABLE recipes;
ALTER TABLE numbered_recipes RENAME TO recipes;

CREATE INDEX product_files_by_recipe ON product_files (recipe) WHERE recipe IS NOT NULL;

-- Chunks and recipes that no release has, and the collection that found it. They do not count as stored for a publish
-- that asks now; those that began before may still need them.
CREATE TABLE condemned_chunks (
  chunk_id INTEGER NOT NULL PRIMARY KEY REFERENCES chunks (id),
  generation INTEGER NOT NULL
) STRICT;

CREATE TABLE condemned_recipes (
  recipe_id INTEGER NOT NULL PRIMARY KEY REFERENCES recipes (id),
  generation INTEGER NOT NULL
) STRICT;

-- Objects without a row, to be deleted when they are due; the row here goes after the object.
CREATE TABLE trash (
  kind INTEGER NOT NULL,
  digest BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  trashed INTEGER NOT NULL,
  due INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  -- The deletion has begun: whoever wants to store the object again must wait.
  is_going INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, digest)
) STRICT, WITHOUT ROWID;

-- One row: the collection that runs, what it counts by, and how the last one ended.
CREATE TABLE collection (
  generation INTEGER NOT NULL,
  -- Releases that were committed since the catalogue was made.
  commits INTEGER NOT NULL,
  -- Grows with each collection: one that lost its lease can change nothing any more.
  epoch INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  began INTEGER,
  ended INTEGER,
  error TEXT NOT NULL,
  releases INTEGER NOT NULL,
  recipes INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  compacted INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO collection
  (generation, commits, epoch, leased_until, error, releases, recipes, chunks, compacted, objects, bytes)
VALUES (1, 0, 0, 0, '', 0, 0, 0, 0, 0, 0);
