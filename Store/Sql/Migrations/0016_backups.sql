-- One row: the backup that runs, and the last one that was made.
CREATE TABLE backups (
  -- Grows with each backup: one that lost its lease can change nothing any more.
  epoch INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  -- The moment that the last one shows, and its place.
  taken INTEGER,
  place TEXT NOT NULL
) STRICT;
INSERT INTO backups (epoch, leased_until, place) VALUES (0, 0, '');
