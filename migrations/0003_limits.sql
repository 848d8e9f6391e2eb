-- How much may be used in a minute, or at once, and by whom. What is used is counted by each gateway.
CREATE TABLE limits (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    -- organization, team, user or key, and its id.
    scope TEXT NOT NULL,
    subject UUID NOT NULL,
    environment TEXT NOT NULL,
    -- Null for all endpoints that have no limit of their own.
    endpoint TEXT,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    burst BIGINT NOT NULL CHECK (burst BETWEEN 1 AND amount),
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);
-- Nulls are equal to none, not even to each other.
CREATE UNIQUE INDEX limits_are_one_of_a_kind
    ON limits (organization_id, scope, subject, environment, kind, COALESCE(endpoint, ''));
