"""The statements of the record flush (T5)."""

# The upsert takes the row's lock and compares the epoch with the row as it is; the rest hangs on `stood`.
# Locks are taken in one order everywhere: execution, lane, inbox.
# Live events are numbered under the row's lock, without gaps; notices go out only where somebody watches.
# A walk ends only when it knows how its effects ended: what is still begun then is not its own, but a lost
# task's that had gone another way (`ghosts`). What it was handed and leaves to the next run is `given_back`.
# A lost task may have ended the walk, too: it goes on, and is on the lane again.
APPLY = """
WITH settled AS (
    SELECT * FROM jsonb_to_recordset($4::jsonb)
        AS s(node text, visit int, number int, attempt int, state text, outcome jsonb, ref text,
            provider text)
), outcomes AS (
    UPDATE effects AS e SET
        state = s.state, outcome = s.outcome, updated_at = clock_timestamp(),
        provider = coalesce(s.provider, $5), provider_ref = CASE WHEN EXISTS (
            SELECT FROM effects
            WHERE workspace_id = $1 AND provider = coalesce(s.provider, $5) AND provider_ref = s.ref
        ) THEN NULL ELSE s.ref END,
        retry_at = CASE WHEN s.state = 'open' THEN clock_timestamp() END
    FROM settled AS s
    WHERE e.workspace_id = $1 AND e.execution_id = $2 AND e.state = 'attempting' AND e.n = s.attempt
      AND (e.node, e.visit, e.number) = (s.node, s.visit, s.number)
), forgotten AS (
    DELETE FROM effects AS e USING unnest($6::text[], $7::int[], $8::int[]) AS k(node, visit, number)
    WHERE e.workspace_id = $1 AND e.execution_id = $2 AND e.state = 'attempting' AND e.n = 1
      AND (e.node, e.visit, e.number) = (k.node, k.visit, k.number)
), before AS (
    SELECT flushes, completed_at IS NOT NULL AS ended FROM executions WHERE workspace_id = $1 AND id = $2
), stood AS (
    INSERT INTO executions AS x (
        workspace_id, id, flow_id, flow_version, plan_digest, lane_id, conversation_id, workflow_id, mode,
        channel, first_run_id, status, current_node_id, progress, context, waiting, error,
        completion_reason, last_seq, epoch_at, epoch_number, flushes, events, lines, started_at, completed_at)
    SELECT $1, $2::uuid, f.flow_id, f.flow_version,
        (SELECT plan_digest FROM flow_versions
         WHERE workspace_id = $1 AND flow_id = f.flow_id AND version = f.flow_version),
        $3::uuid, f.conversation_id,
        coalesce((SELECT workflow_id FROM lanes WHERE workspace_id = $1 AND id = $3::uuid), $2::text),
        f.mode, coalesce((SELECT event->>'channel' FROM inbound_events
            WHERE workspace_id = $1 AND id = $2 AND NOT EXISTS (SELECT FROM before)), f.channel),
        f.first_run_id, f.status, f.current_node_id, f.progress,
        jsonb_build_object(
            'variables', f.variables, 'contact', f.contact, 'results', coalesce(f.results, '{}')),
        f.waiting, f.error, f.completion_reason, f.last_seq, f.epoch_at, f.epoch_number, 1,
        jsonb_array_length($20::jsonb), $11::bigint, f.epoch_at,
        CASE WHEN f.ended THEN f.epoch_at END
    FROM jsonb_to_record($9::jsonb) AS f(
        flow_id uuid, flow_version int, conversation_id text, mode text, channel text, first_run_id text,
        status text, current_node_id text, progress float8, variables jsonb, contact jsonb, results jsonb,
        waiting jsonb, error jsonb, completion_reason text, last_seq bigint, epoch_at timestamptz,
        epoch_number bigint, ended boolean)
    ON CONFLICT (id) DO UPDATE SET
        first_run_id = excluded.first_run_id, status = excluded.status,
        current_node_id = excluded.current_node_id, progress = excluded.progress,
        waiting = excluded.waiting, error = excluded.error,
        context = CASE WHEN $10::boolean THEN excluded.context
            ELSE excluded.context || jsonb_build_object('results', coalesce(x.context->'results', '{}')) END,
        completion_reason = excluded.completion_reason, last_seq = excluded.last_seq,
        epoch_at = excluded.epoch_at, epoch_number = excluded.epoch_number, flushes = x.flushes + 1,
        started_at = coalesce(x.started_at, excluded.started_at), completed_at = excluded.completed_at,
        updated_at = clock_timestamp(), lines = excluded.lines, announced = false,
        rewound_from = CASE WHEN x.lines >= $12::bigint THEN $12::bigint END,
        events = x.events + excluded.events - (x.flushes > 0)::int + (x.lines >= $12::bigint)::int
    WHERE x.workspace_id = $1 AND coalesce(x.first_run_id = excluded.first_run_id, true)
      AND coalesce((x.epoch_at, x.epoch_number) <= (excluded.epoch_at, excluded.epoch_number), true)
    RETURNING flushes, events, rewound_from
), told AS (
    INSERT INTO execution_events (workspace_id, execution_id, seq, type, node_id, data, at)
    SELECT $1, $2::uuid, s.events - count(*) OVER () + row_number() OVER (ORDER BY e.place),
        e.type, e.node_id, e.data, clock_timestamp()
    FROM stood AS s CROSS JOIN LATERAL (
        SELECT 0 AS place, 'rewound' AS type, NULL AS node_id, jsonb_build_object('from', s.rewound_from)
        WHERE s.rewound_from IS NOT NULL
        UNION ALL
        SELECT place, type, node_id, data
        FROM ROWS FROM (jsonb_to_recordset($20::jsonb) AS (type text, node_id text, data jsonb))
            WITH ORDINALITY AS n(type, node_id, data, place)
        WHERE type <> 'started' OR s.flushes = 1
    ) AS e(place, type, node_id, data)
), ghosts AS (
    UPDATE effects AS e SET state = 'orphaned', updated_at = clock_timestamp()
    WHERE $16::boolean AND e.workspace_id = $1 AND e.execution_id = $2 AND e.state IN ('attempting', 'open')
      AND EXISTS (SELECT FROM stood) AND NOT EXISTS (
          SELECT FROM settled AS s WHERE (s.node, s.visit, s.number) = (e.node, e.visit, e.number))
), shortened AS (
    DELETE FROM execution_history
    WHERE workspace_id = $1 AND execution_id = $2
      AND (seq > $11::bigint OR seq >= $12::bigint AND seq <> ALL ($13::int[])) AND EXISTS (SELECT FROM stood)
), written AS (
    INSERT INTO execution_history (
        workspace_id, execution_id, seq, node_id, node_type, label, visit, phase, exit, result, error,
        variables_snapshot, attempt, effect_state, started_at, ended_at, merged)
    SELECT $1, $2::uuid, h.seq, h.node_id, h.node_type, h.label, h.visit, h.phase, h.exit, h.result, h.error,
        h.snapshot, coalesce(s.attempt, e.n), coalesce(s.state, e.state), h.started_at, h.ended_at,
        h.merged
    FROM jsonb_to_recordset($14::jsonb) AS h(
        seq int, node_id text, node_type text, label text, visit int, phase text, exit text, result jsonb,
        error jsonb, snapshot jsonb, effect_visit int, effect_number int, started_at timestamptz,
        ended_at timestamptz, merged jsonb)
    LEFT JOIN settled AS s
        ON (s.node, s.visit, s.number) = (h.node_id, h.effect_visit, h.effect_number)
    LEFT JOIN effects AS e
        ON e.workspace_id = $1 AND e.execution_id = $2 AND e.state <> 'orphaned'
        AND (e.node, e.visit, e.number) = (h.node_id, h.effect_visit, h.effect_number)
    WHERE EXISTS (SELECT FROM stood)
    ON CONFLICT (execution_id, seq) DO UPDATE SET
        node_id = excluded.node_id, node_type = excluded.node_type, label = excluded.label,
        visit = excluded.visit, phase = excluded.phase, exit = excluded.exit, result = excluded.result,
        error = excluded.error,
        variables_snapshot = excluded.variables_snapshot, attempt = excluded.attempt,
        effect_state = excluded.effect_state, started_at = excluded.started_at, ended_at = excluded.ended_at,
        merged = excluded.merged
), lane AS (
    UPDATE lanes SET owner = $15, execution_id = CASE WHEN $16::boolean THEN NULLIF(execution_id, $2::uuid)
        ELSE coalesce(execution_id, $2::uuid) END,
        left_by = CASE WHEN $16::boolean THEN $2::uuid ELSE NULLIF(left_by, $2::uuid) END
    WHERE workspace_id = $1 AND id = $3::uuid AND EXISTS (SELECT FROM stood)
      AND (owner <> $15 OR CASE WHEN $16::boolean
          THEN execution_id = $2::uuid OR left_by IS DISTINCT FROM $2::uuid
          ELSE execution_id IS NULL OR left_by = $2::uuid END)
    RETURNING id
), left_at AS (
    UPDATE lanes SET owner = $15 WHERE $16::boolean AND workspace_id = $1 AND id <> $3::uuid AND owner <> $15
      AND EXISTS (SELECT FROM stood) AND id = (SELECT lane_id FROM lane_addresses
          WHERE workspace_id = $1 AND connection = $22 AND address = $23)
), fates AS (
    SELECT seq, state, how FROM jsonb_to_recordset($17::jsonb) AS c(seq bigint, state text, how text)
    UNION ALL
    SELECT seq, 'consumed', 'unread_at_end' FROM inbound_events
    WHERE $16::boolean AND workspace_id = $1 AND lane_id = $3::uuid AND seq <= $18::bigint
      AND state IN ('received', 'handed') AND seq <> ALL ($19::bigint[])
), turned AS (
    SELECT seq, screen FROM jsonb_to_recordset($21::jsonb) AS t(seq bigint, screen jsonb)
), consumed AS (
    UPDATE inbound_events AS e SET
        state = CASE WHEN e.state IN ('received', 'handed') THEN coalesce(f.state, e.state) ELSE e.state END,
        how = CASE WHEN e.state IN ('received', 'handed') THEN coalesce(f.how, e.how) ELSE e.how END,
        consumed_at = CASE WHEN f.state IS NOT NULL AND e.state IN ('received', 'handed')
            THEN clock_timestamp() ELSE e.consumed_at END,
        screen = coalesce(e.screen, t.screen)
    FROM fates AS f FULL JOIN turned AS t ON t.seq = f.seq
    WHERE e.workspace_id = $1 AND e.lane_id = $3::uuid AND e.seq = coalesce(f.seq, t.seq)
      AND (e.state IN ('received', 'handed') OR t.seq IS NOT NULL)
      AND EXISTS (SELECT FROM stood) AND (SELECT count(*) FROM lane) >= 0
    RETURNING e.accepted_at, f.how, e.seq, e.screen IS DISTINCT FROM t.screen AND t.seq IS NOT NULL AS late
), given_back AS (
    UPDATE inbound_events SET state = 'received'
    WHERE workspace_id = $1 AND lane_id = $3::uuid AND state = 'handed' AND seq >= $24::bigint
      AND EXISTS (SELECT FROM stood) AND (SELECT count(*) FROM lane) >= 0
)
SELECT (SELECT flushes FROM stood) AS now, before.flushes AS before, before.ended, (
    SELECT extract(epoch FROM clock_timestamp() - min(accepted_at))::float8
    FROM consumed WHERE how IN ('start', 'answer', 'interrupt')) AS turn, (
    SELECT array_agg(seq) FROM consumed WHERE late) AS late, (
    SELECT pg_notify('live', $2::uuid::text) FROM stood WHERE EXISTS (
        SELECT FROM live_watches WHERE workspace_id = $1 AND execution_id = $2 AND until > now())) AS notified
FROM (SELECT) AS one LEFT JOIN before ON true
"""

SHORTEN = """
DELETE FROM execution_history WHERE workspace_id = $1 AND execution_id = $2 AND seq > $3
  AND EXISTS (SELECT FROM executions WHERE workspace_id = $1 AND id = $2 AND flushes = $4)
"""
