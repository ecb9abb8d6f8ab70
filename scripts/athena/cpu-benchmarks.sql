-- The figures of cpu-benchmarks.json: for each instance type and place in the file, how many results there are and
-- the median of their medians. One statement in SQL that Athena (Trino) and DuckDB both take.
WITH used AS (
  SELECT instance_type,
    performance_data.linpack AS linpack,
    performance_data.vector AS vector,
    performance_data.scaling AS scaling,
    performance_data.coremark AS coremark
  FROM results
  WHERE execution_context.passed
    AND metadata.collection_method IN ('automated', 'manual')
    AND system_info.processor_vendor IN ('intel', 'amd', 'graviton')
    AND NOT contains(execution_context.flags, 'emulated')
    AND NOT contains(execution_context.flags, 'cache_resident')
),
every_figure AS (
  SELECT instance_type, 'linpack.gflops' AS place, linpack.gflops AS value FROM used
  UNION ALL SELECT instance_type, 'linpack.efficiency', linpack.efficiency FROM used
  UNION ALL SELECT instance_type, 'linpack.problemSize', linpack.problem_size FROM used
  UNION ALL SELECT instance_type, 'linpack.peak', linpack.peak FROM used
  UNION ALL SELECT instance_type, 'vectorization.sse2', vector.sse2.fp64 FROM used
  UNION ALL SELECT instance_type, 'vectorization.avx2', vector.avx2.fp64 FROM used
  UNION ALL SELECT instance_type, 'vectorization.avx512', vector.avx512.fp64 FROM used
  UNION ALL SELECT instance_type, 'vectorization.neon', vector.neon.fp64 FROM used
  UNION ALL SELECT instance_type, 'vectorization.sve', vector.sve.fp64 FROM used
  UNION ALL SELECT instance_type, 'scaling.singleThread', scaling.single_thread FROM used
  UNION ALL SELECT instance_type, 'scaling.allCores', scaling.all_cores FROM used
  UNION ALL SELECT instance_type, 'scaling.allThreads', scaling.all_threads FROM used
  UNION ALL SELECT instance_type, 'scaling.coreEfficiency', scaling.core_efficiency FROM used
  UNION ALL SELECT instance_type, 'scaling.smtEfficiency', scaling.smt_efficiency FROM used
  UNION ALL SELECT instance_type, 'coremark.score', coremark.score FROM used
  UNION ALL SELECT instance_type, 'coremark.coremarkMhz', coremark.score_per_mhz FROM used
),
figures AS (
  SELECT * FROM every_figure WHERE value IS NOT NULL
),
-- Listed are types that have every figure that a reader of the file counts on.
complete AS (
  SELECT instance_type
  FROM figures
  WHERE place IN (
    'linpack.gflops',
    'linpack.efficiency',
    'linpack.problemSize',
    'scaling.singleThread',
    'scaling.allCores'
  )
  GROUP BY instance_type
  HAVING count(DISTINCT place) = 5
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
