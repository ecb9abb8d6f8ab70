-- The figures of memory-benchmarks.json: for each instance type and place in the file, how many results there are and
-- the median of their medians. One statement in SQL that Athena (Trino) and DuckDB both take.
WITH used AS (
  SELECT instance_type,
    performance_data.stream AS stream,
    performance_data.cache AS cache,
    performance_data.numa AS numa
  FROM results
  WHERE execution_context.passed
    AND metadata.collection_method IN ('automated', 'manual')
    AND system_info.processor_vendor IN ('intel', 'amd', 'graviton')
    AND NOT contains(execution_context.flags, 'emulated')
    AND NOT contains(execution_context.flags, 'cache_resident')
),
every_figure AS (
  SELECT instance_type, 'stream.copy.bandwidth' AS place, stream.copy.bandwidth AS value FROM used
  UNION ALL SELECT instance_type, 'stream.scale.bandwidth', stream.scale.bandwidth FROM used
  UNION ALL SELECT instance_type, 'stream.add.bandwidth', stream.add.bandwidth FROM used
  UNION ALL SELECT instance_type, 'stream.triad.bandwidth', stream.triad.bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l1.latency', cache.l1.latency FROM used
  UNION ALL SELECT instance_type, 'cache.l1.bandwidth', cache.l1.bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l2.latency', cache.l2.latency FROM used
  UNION ALL SELECT instance_type, 'cache.l2.bandwidth', cache.l2.bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l3.latency', cache.l3.latency FROM used
  UNION ALL SELECT instance_type, 'cache.l3.bandwidth', cache.l3.bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.memory.latency', cache.memory.latency FROM used
  UNION ALL SELECT instance_type, 'cache.memory.latencyRandom', cache.memory.latency_random FROM used
  UNION ALL SELECT instance_type, 'numa.socketCount', numa.sockets FROM used
  UNION ALL SELECT instance_type, 'numa.nodeCount', numa.nodes FROM used
  UNION ALL SELECT instance_type, 'numa.localBandwidth', numa.local.bandwidth FROM used
  UNION ALL SELECT instance_type, 'numa.remoteBandwidth', numa.remote.bandwidth FROM used
  UNION ALL SELECT instance_type, 'numa.localLatency', numa.local.latency FROM used
  UNION ALL SELECT instance_type, 'numa.remoteLatency', numa.remote.latency FROM used
  UNION ALL SELECT instance_type, 'numa.interSocketLatency', numa.inter_socket.latency FROM used
  UNION ALL SELECT instance_type, 'stream.copy.reference', stream.copy.bandwidth_reference FROM used
  UNION ALL SELECT instance_type, 'stream.scale.reference', stream.scale.bandwidth_reference FROM used
  UNION ALL SELECT instance_type, 'stream.add.reference', stream.add.bandwidth_reference FROM used
  UNION ALL SELECT instance_type, 'stream.triad.reference', stream.triad.bandwidth_reference FROM used
  UNION ALL SELECT instance_type, 'cache.l1.latencyNs', cache.l1.latency_ns FROM used
  UNION ALL SELECT instance_type, 'cache.l1.writeBandwidth', cache.l1.write_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l1.copyBandwidth', cache.l1.copy_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l2.latencyNs', cache.l2.latency_ns FROM used
  UNION ALL SELECT instance_type, 'cache.l2.writeBandwidth', cache.l2.write_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l2.copyBandwidth', cache.l2.copy_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l3.latencyNs', cache.l3.latency_ns FROM used
  UNION ALL SELECT instance_type, 'cache.l3.writeBandwidth', cache.l3.write_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.l3.copyBandwidth', cache.l3.copy_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.memory.latencyCycles', cache.memory.latency_cycles FROM used
  UNION ALL SELECT instance_type, 'cache.memory.readBandwidth', cache.memory.bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.memory.writeBandwidth', cache.memory.write_bandwidth FROM used
  UNION ALL SELECT instance_type, 'cache.memory.copyBandwidth', cache.memory.copy_bandwidth FROM used
  UNION ALL SELECT instance_type, 'numa.loadedLatency', numa.loaded.latency FROM used
),
figures AS (
  SELECT * FROM every_figure WHERE value IS NOT NULL
),
-- Listed are types that have every figure that a reader of the file counts on.
complete AS (
  SELECT instance_type
  FROM figures
  WHERE place IN (
    'stream.copy.bandwidth',
    'stream.scale.bandwidth',
    'stream.add.bandwidth',
    'stream.triad.bandwidth',
    'cache.l1.latency',
    'cache.l1.bandwidth',
    'cache.memory.latency',
    'numa.socketCount',
    'numa.localBandwidth'
  )
  GROUP BY instance_type
  HAVING count(DISTINCT place) = 9
),
ordered AS (
  SELECT instance_type, place, value,
    row_number() OVER (PARTITION BY instance_type, place ORDER BY value) AS position,
    count(*) OVER (PARTITION BY instance_type, place) AS results
  FROM figures
  WHERE instance_type IN (SELECT instance_type FROM complete)
)
-- The one in the middle, or the two.
SELECT instance_type, place, max(results) AS results, avg(value) AS value
FROM ordered
WHERE 2 * position BETWEEN results AND results + 2
GROUP BY instance_type, place
ORDER BY instance_type, place;
