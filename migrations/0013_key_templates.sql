-- Named recipes for keys. Those of no organization are the platform's, for all.
CREATE TABLE key_templates (
    id UUID PRIMARY KEY,
    organization_id UUID REFERENCES organizations (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Who may use it: roles and teams.
    allowed JSONB NOT NULL,
    -- The present one of its versions.
    version BIGINT NOT NULL,
    retired_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX key_templates_by_organization ON key_templates (organization_id, id);

-- What keys are made by. A version never changes: keys remember by which they were made.
CREATE TABLE key_template_versions (
    template_id UUID NOT NULL REFERENCES key_templates (id),
    version BIGINT NOT NULL,
    recipe JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    -- Who made it: an audit actor.
    created_by TEXT NOT NULL,
    PRIMARY KEY (template_id, version)
);
-- only: postgres
CREATE TRIGGER key_template_versions_are_final BEFORE UPDATE OR DELETE ON key_template_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- end
-- only: sqlite
CREATE TRIGGER key_template_versions_are_not_updated BEFORE UPDATE ON key_template_versions
BEGIN
    SELECT RAISE(ABORT, 'this table is insert-only');
END;
CREATE TRIGGER key_template_versions_are_not_deleted BEFORE DELETE ON key_template_versions
BEGIN
    SELECT RAISE(ABORT, 'this table is insert-only');
END;
-- end

-- With which template an organization's form for keys begins.
CREATE TABLE default_key_templates (
    organization_id UUID PRIMARY KEY REFERENCES organizations (id),
    template_id UUID NOT NULL REFERENCES key_templates (id)
);

ALTER TABLE api_keys ADD COLUMN template_id UUID;
ALTER TABLE api_keys ADD COLUMN template_version BIGINT;
CREATE INDEX api_keys_by_template ON api_keys (organization_id, template_id, id);

-- Three to begin with, which the platform's staff can change and retire.
-- only: sqlite
INSERT INTO key_templates (id, organization_id, name, description, allowed, version, retired_at, created_at) VALUES
    (X'0190A000000070008000000000000001', NULL, 'Development', 'For building and trying out. It reaches the Sandbox, and ends after 90 days.', '{}', 1, NULL, unixepoch() * 1000000),
    (X'0190A000000070008000000000000002', NULL, 'Staging', 'For tests before a release. It reaches the Sandbox.', '{}', 1, NULL, unixepoch() * 1000000),
    (X'0190A000000070008000000000000003', NULL, 'Production', 'For applications that people use. It reaches connected providers, and says what it is for.', '{}', 1, NULL, unixepoch() * 1000000);
INSERT INTO key_template_versions (template_id, version, recipe, created_at, created_by) VALUES
    (X'0190A000000070008000000000000001', 1, '{"environment":"test","stage":"development","limits":[{"kind":"requests_per_minute","amount":60}],"expires_in_days":90,"locked":["environment"]}', unixepoch() * 1000000, 'system:setup'),
    (X'0190A000000070008000000000000002', 1, '{"environment":"test","stage":"staging","limits":[{"kind":"requests_per_minute","amount":600}],"expires_in_days":365,"locked":["environment","stage"]}', unixepoch() * 1000000, 'system:setup'),
    (X'0190A000000070008000000000000003', 1, '{"environment":"live","stage":"production","rotate_every_days":90,"required":{"description":true},"locked":["environment","stage"]}', unixepoch() * 1000000, 'system:setup');
-- end
-- only: postgres
INSERT INTO key_templates (id, organization_id, name, description, allowed, version, retired_at, created_at) VALUES
    ('0190a000-0000-7000-8000-000000000001', NULL, 'Development', 'For building and trying out. It reaches the Sandbox, and ends after 90 days.', '{}', 1, NULL, CAST(extract(epoch FROM now()) AS BIGINT) * 1000000),
    ('0190a000-0000-7000-8000-000000000002', NULL, 'Staging', 'For tests before a release. It reaches the Sandbox.', '{}', 1, NULL, CAST(extract(epoch FROM now()) AS BIGINT) * 1000000),
    ('0190a000-0000-7000-8000-000000000003', NULL, 'Production', 'For applications that people use. It reaches connected providers, and says what it is for.', '{}', 1, NULL, CAST(extract(epoch FROM now()) AS BIGINT) * 1000000);
INSERT INTO key_template_versions (template_id, version, recipe, created_at, created_by) VALUES
    ('0190a000-0000-7000-8000-000000000001', 1, '{"environment":"test","stage":"development","limits":[{"kind":"requests_per_minute","amount":60}],"expires_in_days":90,"locked":["environment"]}', CAST(extract(epoch FROM now()) AS BIGINT) * 1000000, 'system:setup'),
    ('0190a000-0000-7000-8000-000000000002', 1, '{"environment":"test","stage":"staging","limits":[{"kind":"requests_per_minute","amount":600}],"expires_in_days":365,"locked":["environment","stage"]}', CAST(extract(epoch FROM now()) AS BIGINT) * 1000000, 'system:setup'),
    ('0190a000-0000-7000-8000-000000000003', 1, '{"environment":"live","stage":"production","rotate_every_days":90,"required":{"description":true},"locked":["environment","stage"]}', CAST(extract(epoch FROM now()) AS BIGINT) * 1000000, 'system:setup');
-- end
