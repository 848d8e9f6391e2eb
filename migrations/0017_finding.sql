-- A number for what a key reaches, its environment and its list of models: keys with the same number reach the same. New
-- ones are positive and drawn from just that; those of the keys that there are already are counted.
ALTER TABLE api_keys ADD COLUMN reach BIGINT NOT NULL DEFAULT 0;
-- only: sqlite
UPDATE api_keys SET reach = -counted.number
    FROM (
        SELECT id AS key_id, dense_rank() OVER (ORDER BY environment, json_extract(rules, '$.models')) AS number FROM api_keys
    ) AS counted WHERE counted.key_id = api_keys.id;
-- Searching reads this instead of the keys themselves, which are ten times as long.
CREATE INDEX api_keys_by_words ON api_keys (organization_id, id, search, owner_id);
-- end
-- only: postgres
UPDATE api_keys SET reach = -counted.number
    FROM (
        SELECT id AS key_id, dense_rank() OVER (ORDER BY environment, rules->'models') AS number FROM api_keys
    ) AS counted WHERE counted.key_id = api_keys.id;
-- An index of parts of words, where the database lets us have one: without it searching reads all keys.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX api_keys_by_words ON api_keys USING gin (search gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
        RAISE NOTICE 'searching keys goes without an index: %', SQLERRM;
END
$$;
-- end
CREATE INDEX api_keys_by_reach ON api_keys (organization_id, reach, id);
