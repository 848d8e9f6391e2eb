-- The key that an entry is about where its target is a limit or a budget of that key. It says nothing that is not
-- in the entry itself, and so is no link of the chain.
ALTER TABLE audit_entries ADD COLUMN key_id UUID;
CREATE INDEX audit_entries_by_target ON audit_entries (organization_id, target, position);
CREATE INDEX audit_entries_by_key ON audit_entries (organization_id, key_id, position) WHERE key_id IS NOT NULL;
