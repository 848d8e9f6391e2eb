-- When a key's secret was made, and from when on it should be changed: by the schedule of the key's template, or
-- because somebody asked. Of secrets that there are it is not known when they were made: they count as old as the key.
ALTER TABLE api_keys ADD COLUMN secret_made_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN rotation_due_at BIGINT;
UPDATE api_keys SET secret_made_at = created_at;
-- only: sqlite
UPDATE api_keys SET rotation_due_at = api_keys.created_at + json_extract(v.recipe, '$.rotate_every_days') * 86400000000
    FROM key_template_versions v WHERE v.template_id = api_keys.template_id AND v.version = api_keys.template_version;
-- end
-- only: postgres
UPDATE api_keys SET rotation_due_at = api_keys.created_at + CAST(v.recipe->>'rotate_every_days' AS BIGINT) * 86400000000
    FROM key_template_versions v WHERE v.template_id = api_keys.template_id AND v.version = api_keys.template_version;
-- end
CREATE INDEX api_keys_by_rotation ON api_keys (organization_id, rotation_due_at, id) WHERE rotation_due_at IS NOT NULL;
-- The old secrets that go on are few of all there were.
CREATE INDEX key_secrets_by_end ON key_secrets (ends_at, key_id);
