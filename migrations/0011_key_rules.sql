-- What a key is for; and what it may call, and from where: models, endpoints, ips. A list that is not there
-- bounds nothing.
ALTER TABLE api_keys ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN rules JSONB NOT NULL DEFAULT '{}';
