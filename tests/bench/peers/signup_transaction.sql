-- A signup in one transaction, statement by statement, as a service without batches would do it: five round trips.
\set key random(1, :keys)
\set number random(1, 9000000000000000)
BEGIN;
SELECT key AS key_text, agent_id, agent_name, call_plan_id, call_plan_name, group_id, group_name
FROM keys WHERE key = 'K' || lpad(:key::text, 11, '0') AND state = 'active' FOR SHARE \gset
INSERT INTO customers (id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, email,
    email_key, first_name, last_name, phone, address, city)
VALUES (
    -- In time order and of the same length as the product's.
    lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 16, '0') || '-' || lpad(:number::text, 19, '0'),
    lpad(:number::text, 16, '0'), :key_text, :agent_id, :call_plan_id, :group_id, '2026-01-01',
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'visitor.' || :number::text || '@mail.example',
    'visitor.' || :number::text || '@mail.example', 'Zoë', 'Müller-Lüdenscheidt', '+49 30 12345678',
    'Seeded Street ' || :number::text, 'São Paulo')
RETURNING id AS customer_id \gset
INSERT INTO events (event_id, stream, type, subject, data, recorded_at, actor)
VALUES (
    gen_random_uuid()::text, 'customer-' || :customer_id, 'signpost.signups.customer_placed.v1',
    'signups.v1.customer.' || :agent_id || '.placed',
    format('{"customer_id":"%s","customer_number":"%s","key":"%s","agent_id":"%s","agent_name":"%s","call_plan_id":"%s",'
        '"call_plan_name":"%s","group_id":"%s","group_name":"%s","commission":"12.5","campaign":{"utm_source":"newsletter",'
        '"sub_id":"%s"},"terms_version":"2026-01-01","agents_position": 5071}',
        :customer_id::text, :number::text, :key_text::text, :agent_id::text, :agent_name::text, :call_plan_id::text,
        :call_plan_name::text, :group_id::text, :group_name::text, :number::text),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'visitor');
COMMIT;
