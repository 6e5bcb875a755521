-- Catalogues that went back in time, because they were restored from a backup (docs/adr/0041).

CREATE TABLE restores (
  id INTEGER PRIMARY KEY,
  -- The moment that the backup showed, and that of the restore.
  taken INTEGER NOT NULL,
  restored INTEGER NOT NULL,
  -- No counter and no seq below this is given out any more: devices may have seen it before.
  least INTEGER NOT NULL
) STRICT;
