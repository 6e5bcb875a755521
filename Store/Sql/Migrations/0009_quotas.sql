-- Quotas of products.

-- The most bytes that a product may have; null: any number.
ALTER TABLE products ADD COLUMN quota_bytes INTEGER;

-- Bytes of packs and recipes that the publish has stored and that no release counts yet.
ALTER TABLE publishes ADD COLUMN brought_bytes INTEGER NOT NULL DEFAULT 0;
