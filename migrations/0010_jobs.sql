-- Work that outlives the request that asked for it.
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    -- What it does to its items, and with what; the second is JSON.
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    -- Who asked, as the audit log spells it, the person behind, and by which request.
    created_by TEXT NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id),
    request_id UUID NOT NULL,
    ip TEXT,
    user_agent TEXT,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    -- Who works on it, and until when nobody else does: by the database's clock.
    worker_id UUID,
    leased_until BIGINT,
    -- How often it was taken up since it last got further.
    attempts BIGINT NOT NULL,
    error TEXT,
    undoes UUID REFERENCES jobs (id)
);
CREATE INDEX jobs_by_organization ON jobs (organization_id, id);
CREATE INDEX jobs_undoing ON jobs (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX jobs_under_way ON jobs (id) WHERE state = 'waiting' OR state = 'running';

-- What it does it to. No foreign key to the subject: the log of what was deleted outlives it.
CREATE TABLE job_items (
    job_id UUID NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL,
    subject UUID NOT NULL,
    -- What the subject was called when it had its outcome.
    name TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    -- What was changed of the subject, as JSON: what it takes to take it back, and to see whether
    -- somebody else has changed it since.
    before_json TEXT,
    after_json TEXT,
    at BIGINT,
    PRIMARY KEY (job_id, position)
);
CREATE INDEX job_items_by_outcome ON job_items (job_id, outcome, position);
