-- only: postgres
-- A table for the events of each month, so that old ones can be forgotten at once and new ones are found
-- quickly. Identities are minted for the time of their event, so that a month is a range of them.
ALTER TABLE usage_events RENAME TO usage_events_past;
DROP TRIGGER usage_events_are_final ON usage_events_past;
CREATE TABLE usage_events (LIKE usage_events_past INCLUDING CONSTRAINTS INCLUDING INDEXES) PARTITION BY RANGE (id);
-- What there is, and all of this month. Later months get their tables from whoever looks after the database.
DO $$
DECLARE
    next_month BIGINT := extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') * 1000;
    first_id UUID := (lpad(to_hex(next_month), 12, '0') || '70008000000000000000')::uuid;
BEGIN
    EXECUTE format('ALTER TABLE usage_events ATTACH PARTITION usage_events_past FOR VALUES FROM (MINVALUE) TO (%L)', first_id);
END
$$;
-- What no month's table takes: nothing, unless a clock is far off or nobody looks after the database.
CREATE TABLE usage_events_other PARTITION OF usage_events DEFAULT;
CREATE TRIGGER usage_events_are_final BEFORE UPDATE ON usage_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- end
