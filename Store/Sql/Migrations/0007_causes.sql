-- Where to look when a device's update failed, and the stage that failed, by the numbers of the protocol; 0: not said.

ALTER TABLE device_reports ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device_reports ADD COLUMN failed_stage INTEGER NOT NULL DEFAULT 0;
