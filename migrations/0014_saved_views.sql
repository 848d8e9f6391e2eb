-- A list's filters, order and columns, under a name.
CREATE TABLE saved_views (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The list's query parameters.
    query JSONB NOT NULL,
    -- Whether all of the organization see it.
    shared BOOLEAN NOT NULL,
    -- Where it stands among the others: the lower the earlier.
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX saved_views_by_list ON saved_views (organization_id, list, user_id);

-- With which view a list opens for somebody; it may be one that the program brings along.
CREATE TABLE default_views (
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    list TEXT NOT NULL,
    view_id UUID NOT NULL,
    PRIMARY KEY (organization_id, user_id, list)
);
