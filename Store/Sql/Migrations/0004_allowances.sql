-- The checks that a publisher lifted, as a sum: 1 older version, 2 empty, 4 shrink, 8 new channel, 16 new platform.
ALTER TABLE publishes DROP COLUMN allows_older;
ALTER TABLE publishes ADD COLUMN allowances INTEGER NOT NULL DEFAULT 0;
