-- A number for the list of models in a key's rules: lists of the same number are the same. 0 where there is none. New
-- keys have positive ones, which are drawn from the list itself; those that were there before are numbered here.
ALTER TABLE api_keys ADD COLUMN model_list BIGINT NOT NULL DEFAULT 0;
-- only: sqlite
UPDATE api_keys SET model_list = -lists.number
    FROM (
        SELECT id AS key, dense_rank() OVER (ORDER BY json_extract(CAST(rules AS TEXT), '$.models')) AS number FROM api_keys
        WHERE json_array_length(CAST(rules AS TEXT), '$.models') > 0
    ) AS lists WHERE lists.key = api_keys.id;
-- Searching reads this instead of the keys themselves, which are ten times as long.
CREATE INDEX api_keys_by_words ON api_keys (organization_id, id, search, owner_id);
-- end
-- only: postgres
UPDATE api_keys SET model_list = -lists.number
    FROM (
        SELECT id AS key, dense_rank() OVER (ORDER BY rules->'models') AS number FROM api_keys
        WHERE jsonb_array_length(rules->'models') > 0
    ) AS lists WHERE lists.key = api_keys.id;
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
CREATE INDEX api_keys_by_models ON api_keys (organization_id, model_list, environment, id);
