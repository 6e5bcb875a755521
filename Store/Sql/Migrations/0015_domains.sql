-- The mask of a product that shares its content with no other one (docs/adr/0043). Fixed when the product is created.

ALTER TABLE products ADD COLUMN dedup_mask BLOB;
