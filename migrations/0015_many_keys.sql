-- What an item's subject is to be made of, where the job makes it: JSON.
ALTER TABLE job_items ADD COLUMN input_json TEXT;

-- The secrets of the keys that a job made, sealed for the job and the item's place in it: until whoever asked for the job has
-- downloaded them, and for an hour after its end.
CREATE TABLE job_secrets (
    job_id UUID NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (job_id, position)
);

-- When they were downloaded last.
ALTER TABLE jobs ADD COLUMN secrets_taken_at BIGINT;
