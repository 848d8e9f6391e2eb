-- What a key did in the last 30 days stands beside it, so that lists can be filtered and ordered by it. It is
-- the sum of the key's rollups from the setting `figures_since` on, which moves on with the time.
ALTER TABLE api_keys ADD COLUMN calls BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN errors BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN cost BIGINT NOT NULL DEFAULT 0;
-- only: sqlite
INSERT INTO settings (name, value)
    VALUES ('figures_since', CAST((unixepoch() - 30 * 86400) / 900 * 900 * 1000000 AS TEXT));
-- end
-- only: postgres
INSERT INTO settings (name, value)
    VALUES ('figures_since', CAST((CAST(extract(epoch FROM now()) AS BIGINT) - 30 * 86400) / 900 * 900 * 1000000 AS TEXT));
-- end
UPDATE api_keys SET calls = s.calls, errors = s.errors, cost = s.cost
    FROM (
        SELECT key_id, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(errors) AS BIGINT) AS errors,
            CAST(sum(cost) AS BIGINT) AS cost
        FROM usage_rollups
        WHERE bucket >= (SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'figures_since') GROUP BY key_id
    ) AS s WHERE s.key_id = api_keys.id;

-- All of a key that is searched, without regard to case, a line each.
ALTER TABLE api_keys ADD COLUMN search TEXT NOT NULL DEFAULT '';

-- What the keys' labels hold, to be found by.
CREATE TABLE key_labels (
    key_id UUID NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    organization_id UUID NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    -- `name=value` without regard to case.
    search TEXT NOT NULL,
    PRIMARY KEY (key_id, name)
);
CREATE INDEX key_labels_by_value ON key_labels (organization_id, name, value, search, key_id);
-- only: sqlite
INSERT INTO key_labels (key_id, organization_id, name, value, search)
    SELECT k.id, k.organization_id, l.key, l.value, lower(l.key || '=' || l.value) FROM api_keys k, json_each(k.labels) l;
UPDATE api_keys SET search = name_folded || char(10) || lower(last_four)
    || COALESCE((SELECT group_concat(char(10) || l.search, '') FROM key_labels l WHERE l.key_id = api_keys.id), '');
-- end
-- only: postgres
INSERT INTO key_labels (key_id, organization_id, name, value, search)
    SELECT k.id, k.organization_id, l.key, l.value, lower(l.key || '=' || l.value) FROM api_keys k, jsonb_each_text(k.labels) l;
UPDATE api_keys SET search = name_folded || chr(10) || lower(last_four)
    || COALESCE((SELECT string_agg(chr(10) || l.search, '') FROM key_labels l WHERE l.key_id = api_keys.id), '');
-- Text is ordered as in SQLite, by its characters' numbers.
ALTER TABLE api_keys ALTER COLUMN name_folded TYPE TEXT COLLATE "C";
ALTER TABLE api_keys ALTER COLUMN status TYPE TEXT COLLATE "C";
ALTER TABLE api_keys ALTER COLUMN environment TYPE TEXT COLLATE "C";
-- end

-- One for each order of the list. Expressions are those of the queries, word for word.
CREATE INDEX api_keys_by_name ON api_keys (organization_id, name_folded, id);
CREATE INDEX api_keys_by_status ON api_keys (organization_id, status, id);
CREATE INDEX api_keys_by_environment ON api_keys (organization_id, environment, id);
CREATE INDEX api_keys_by_last_use ON api_keys (organization_id, COALESCE(last_used_at, 0), id);
CREATE INDEX api_keys_by_end ON api_keys (organization_id, COALESCE(expires_at, 9223372036854775807), id);
CREATE INDEX api_keys_by_calls ON api_keys (organization_id, calls, id);
CREATE INDEX api_keys_by_cost ON api_keys (organization_id, cost, id);
CREATE INDEX api_keys_by_errors
    ON api_keys (organization_id, (CASE WHEN calls = 0 THEN 0 ELSE errors * 1000000 / calls END), id);
CREATE INDEX api_keys_by_owner ON api_keys (organization_id, owner_id, id);
CREATE INDEX api_keys_by_team ON api_keys (organization_id, team_id, id);
