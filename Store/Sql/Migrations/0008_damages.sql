-- Objects that are missing or damaged, and the passes that look for them.

-- What the store lost. An intact object has no row.
CREATE TABLE damages (
  -- 0 pack, 1 manifest, 2 recipe.
  kind INTEGER NOT NULL,
  digest BLOB NOT NULL,
  -- The offset of the damaged frame in its pack; -1: the whole object.
  part INTEGER NOT NULL,
  -- 1 missing, 2 damaged.
  fault INTEGER NOT NULL,
  -- The chunks that point to the part; 0 for other kinds.
  chunks INTEGER NOT NULL,
  found INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (kind, digest, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE scrubs (
  -- 1 quick, 2 full.
  depth INTEGER NOT NULL PRIMARY KEY,
  -- Null: nobody has it.
  holder BLOB,
  leased_until INTEGER NOT NULL DEFAULT 0,
  -- Null: nobody asked for a pass since the last one began.
  requested INTEGER,
  -- The pass under way, null for none, and the last object that it verified.
  started INTEGER,
  kind INTEGER NOT NULL DEFAULT 0,
  after BLOB,
  objects INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  damaged INTEGER NOT NULL DEFAULT 0,
  -- The last complete pass.
  finished INTEGER,
  finished_objects INTEGER NOT NULL DEFAULT 0,
  finished_bytes INTEGER NOT NULL DEFAULT 0,
  finished_damaged INTEGER NOT NULL DEFAULT 0,
  -- The database's own check of itself: empty if it found nothing.
  finished_catalogue TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO scrubs (depth) VALUES (1);
INSERT INTO scrubs (depth) VALUES (2);
