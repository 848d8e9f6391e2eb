-- How much may be spent, by whom, in which time. What was spent stands in usage_rollups.
CREATE TABLE budgets (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    -- organization, team, user or key, and its id.
    scope TEXT NOT NULL,
    subject UUID NOT NULL,
    environment TEXT NOT NULL,
    period TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    hard BOOLEAN NOT NULL,
    -- Where a budget for all time begins to count: on a quarter of an hour, as rollups do.
    since BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- When what was spent last passed the amount.
    crossed_at BIGINT,
    UNIQUE (organization_id, scope, subject, environment, period)
);
