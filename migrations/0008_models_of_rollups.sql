-- Which models an organization used is asked by every page of calls; without this the books of a month would be read for it.
CREATE INDEX usage_rollups_by_model ON usage_rollups (organization_id, model_id, bucket);
