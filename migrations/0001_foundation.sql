-- One text for SQLite and PostgreSQL. Times are unix microseconds, money is nano-units of the book
-- currency, ids are version 7 UUIDs made by the application.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organizations (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    super_admin BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE teams (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    parent_id UUID REFERENCES teams (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE team_members (
    team_id UUID NOT NULL REFERENCES teams (id),
    user_id UUID NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    organization_id UUID NOT NULL REFERENCES organizations (id),
    secret_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    scopes JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX tokens_by_organization ON tokens (organization_id, id);

CREATE TABLE api_keys (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    team_id UUID REFERENCES teams (id),
    owner_id UUID REFERENCES users (id),
    created_by TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name without regard to case, for searching: the engines' own ideas of case differ.
    name_folded TEXT NOT NULL,
    environment TEXT NOT NULL,
    status TEXT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    labels JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id, id);

-- A connection without an organization is the platform's, and serves every organization.
CREATE TABLE connections (
    id UUID PRIMARY KEY,
    organization_id UUID REFERENCES organizations (id),
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    environment TEXT NOT NULL,
    base_url TEXT,
    api_key BYTEA,
    api_key_last_four TEXT,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE UNIQUE INDEX platform_connections_by_name ON connections (environment, name) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX own_connections_by_name ON connections (organization_id, environment, name)
    WHERE organization_id IS NOT NULL;

CREATE TABLE models (
    id UUID PRIMARY KEY,
    connection_id UUID NOT NULL REFERENCES connections (id),
    upstream_id TEXT NOT NULL,
    context_window BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (connection_id, upstream_id)
);

CREATE TABLE prices (
    id UUID PRIMARY KEY,
    model_id UUID NOT NULL REFERENCES models (id),
    effective_from BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cached_input BIGINT,
    cache_write BIGINT,
    output BIGINT NOT NULL,
    reasoning BIGINT,
    per_request BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (model_id, effective_from)
);

-- Immutable. Ids sort by time, so that PostgreSQL can partition by them. No foreign keys: what was
-- metered outlives what it was metered for.
CREATE TABLE usage_events (
    id UUID PRIMARY KEY,
    request_id UUID NOT NULL,
    client_request_id TEXT,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    environment TEXT NOT NULL,
    service TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    organization_id UUID NOT NULL,
    team_id UUID,
    parent_team_id UUID,
    user_id UUID,
    key_id UUID NOT NULL,
    labels JSONB NOT NULL,
    provider TEXT NOT NULL,
    connection_id UUID NOT NULL,
    model_id UUID NOT NULL,
    requested_model TEXT NOT NULL,
    actual_model TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    estimated BOOLEAN NOT NULL,
    price_id UUID NOT NULL,
    cost BIGINT NOT NULL,
    status TEXT NOT NULL,
    http_status BIGINT NOT NULL,
    error_code TEXT,
    attempts BIGINT NOT NULL,
    first_byte_us BIGINT,
    total_us BIGINT NOT NULL
);
CREATE INDEX usage_events_by_organization ON usage_events (organization_id, id);
CREATE INDEX usage_events_by_key ON usage_events (key_id, id);
CREATE INDEX usage_events_by_request ON usage_events (request_id, id);

-- Sums by quarter of an hour. The id is a hash of the dimensions, bucket included.
CREATE TABLE usage_rollups (
    id UUID PRIMARY KEY,
    bucket BIGINT NOT NULL,
    organization_id UUID NOT NULL,
    team_id UUID,
    parent_team_id UUID,
    user_id UUID,
    key_id UUID NOT NULL,
    environment TEXT NOT NULL,
    service TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    provider TEXT NOT NULL,
    connection_id UUID NOT NULL,
    model_id UUID NOT NULL,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    -- PostgreSQL refuses a sum that leaves its type; SQLite would go on with a float.
    cost BIGINT NOT NULL CHECK (cost BETWEEN -9223372036854775807 AND 9223372036854775807),
    first_byte_us BIGINT NOT NULL,
    first_bytes BIGINT NOT NULL,
    total_us BIGINT NOT NULL
);
CREATE INDEX usage_rollups_by_organization ON usage_rollups (organization_id, bucket);
CREATE INDEX usage_rollups_by_key ON usage_rollups (key_id, bucket);

-- One hash chain an organization; the head is locked by whoever appends.
CREATE TABLE audit_heads (
    organization_id UUID PRIMARY KEY REFERENCES organizations (id),
    position BIGINT NOT NULL,
    link BYTEA NOT NULL
);

CREATE TABLE audit_entries (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    request_id UUID,
    before_json TEXT,
    after_json TEXT,
    link BYTEA NOT NULL,
    UNIQUE (organization_id, position)
);

-- What the gateways must hear of, numbered without gaps in the order of commit.
CREATE TABLE change_counter (
    id BIGINT PRIMARY KEY,
    generation BIGINT NOT NULL
);
INSERT INTO change_counter (id, generation) VALUES (1, 0);

CREATE TABLE changes (
    generation BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BYTEA,
    at BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status BIGINT,
    body BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor, route, idempotency_key)
);

-- The log of what was done is written once.
-- only: postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this table is insert-only';
END
$$;
CREATE TRIGGER audit_entries_are_final BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_are_kept BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER usage_events_are_final BEFORE UPDATE ON usage_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- end
-- only: sqlite
CREATE TRIGGER audit_entries_are_not_updated BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'this table is insert-only');
END;
CREATE TRIGGER audit_entries_are_not_deleted BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'this table is insert-only');
END;
CREATE TRIGGER usage_events_are_not_updated BEFORE UPDATE ON usage_events
BEGIN
    SELECT RAISE(ABORT, 'this table is insert-only');
END;
-- end
