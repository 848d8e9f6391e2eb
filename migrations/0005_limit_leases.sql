-- How many requests one node may have under way at once under a limit on parallel requests. For all others
-- they are as good as under way.
CREATE TABLE limit_leases (
    limit_id UUID NOT NULL REFERENCES limits (id) ON DELETE CASCADE,
    node_id UUID NOT NULL REFERENCES nodes (id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (limit_id, node_id)
);
CREATE INDEX limit_leases_by_node ON limit_leases (node_id);
