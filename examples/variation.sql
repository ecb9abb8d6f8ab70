-- Which figures differ most from one run to the next, with DuckDB:
--
--     duckdb -cmd "SET VARIABLE latest = 'data/processed/latest'" < examples/variation.sql
WITH instances AS (
  SELECT unnest(map_entries(instances::MAP(VARCHAR, JSON))) AS entry
  FROM read_json(getvariable('latest') || '/memory-benchmarks.json', columns = {instances: 'JSON'})
),
figures AS (
  SELECT entry.key AS instance_type,
    unnest(map_entries((entry.value -> '$.statistics')::MAP(VARCHAR, JSON))) AS figure
  FROM instances
)
SELECT instance_type, figure.key AS place,
  (figure.value ->> '$.coefficientOfVariation')::DOUBLE AS variation,
  figure.value ->> '$.grade' AS grade
FROM figures
WHERE variation IS NOT NULL
ORDER BY variation DESC, instance_type, place
LIMIT 10;
