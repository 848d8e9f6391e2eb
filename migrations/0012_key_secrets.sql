-- The secrets that keys had before: the last one may be good for a while yet, and those that ended are known, so that
-- whoever still uses one can be told.
CREATE TABLE key_secrets (
    secret_hash BYTEA PRIMARY KEY,
    key_id UUID NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    last_four TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX key_secrets_by_key ON key_secrets (key_id, ends_at);
