-- Releases that are pinned as known-good: they are never collected, and deltas are made from them.

CREATE TABLE anchors (
  release_id INTEGER PRIMARY KEY REFERENCES releases (id),
  since INTEGER NOT NULL
) STRICT;
