-- The processes that serve calls from one database.
CREATE TABLE nodes (
    id UUID PRIMARY KEY,
    -- What people call the machine.
    name TEXT NOT NULL,
    -- Another one each time that the process begins.
    incarnation UUID NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- Until when it gives out what is leased to it though it is not seen again: by the database's clock.
    deadline BIGINT NOT NULL
);

-- What of a hard budget is one node's to give out to its calls. For all others it is as good as spent.
CREATE TABLE budget_leases (
    budget_id UUID NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    -- In which period, by its start.
    window_start BIGINT NOT NULL,
    node_id UUID NOT NULL REFERENCES nodes (id),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    -- What of it calls in flight held when the node last said so.
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (budget_id, window_start, node_id)
);
CREATE INDEX budget_leases_by_node ON budget_leases (node_id);
