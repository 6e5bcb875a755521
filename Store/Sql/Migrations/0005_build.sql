-- The build metadata of a release's version; empty for none.
ALTER TABLE releases ADD COLUMN build TEXT NOT NULL DEFAULT '';
