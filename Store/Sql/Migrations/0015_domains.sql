-- Products whose content no other product shares (docs/adr/0043). Fixed when the product is created.

ALTER TABLE products ADD COLUMN is_isolated INTEGER NOT NULL DEFAULT 0;
