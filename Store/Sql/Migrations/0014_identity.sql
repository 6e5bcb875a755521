-- One row: the catalogue's own number. The mark of its objects has it, too.
CREATE TABLE catalogue_identity (
  id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
