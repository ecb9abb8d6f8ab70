-- Result documents where they lie, as a table of Amazon Athena: a row for each document, the partitions of its key as
-- columns. Put your own bucket and prefix for the two places below. `duckdb_query.py` reads the columns from this file.
CREATE EXTERNAL TABLE results (
  metadata struct<timestamp: string, collection_method: string, suite_version: string, run_id: string, iteration: int>,
  system_info struct<architecture: string, processor_vendor: string, cpu_model: string>,
  execution_context struct<passed: boolean, flags: array<string>>,
  performance_data struct<
    stream: struct<
      copy: struct<bandwidth: double, bandwidth_reference: double>,
      scale: struct<bandwidth: double, bandwidth_reference: double>,
      add: struct<bandwidth: double, bandwidth_reference: double>,
      triad: struct<bandwidth: double, bandwidth_reference: double>
    >,
    cache: struct<
      l1: struct<
        latency: double,
        bandwidth: double,
        latency_ns: double,
        write_bandwidth: double,
        copy_bandwidth: double
      >,
      l2: struct<
        latency: double,
        bandwidth: double,
        latency_ns: double,
        write_bandwidth: double,
        copy_bandwidth: double
      >,
      l3: struct<
        latency: double,
        bandwidth: double,
        latency_ns: double,
        write_bandwidth: double,
        copy_bandwidth: double
      >,
      memory: struct<
        latency: double,
        latency_random: double,
        latency_cycles: double,
        bandwidth: double,
        write_bandwidth: double,
        copy_bandwidth: double
      >
    >,
    numa: struct<
      sockets: double,
      nodes: double,
      local: struct<bandwidth: double, latency: double>,
      remote: struct<bandwidth: double, latency: double>,
      inter_socket: struct<latency: double>,
      loaded: struct<latency: double>
    >,
    linpack: struct<gflops: double, efficiency: double, problem_size: double, peak: double>,
    vector: struct<
      sse2: struct<fp64: double>,
      avx2: struct<fp64: double>,
      avx512: struct<fp64: double>,
      neon: struct<fp64: double>,
      sve: struct<fp64: double>
    >,
    scaling: struct<
      single_thread: double,
      all_cores: double,
      all_threads: double,
      core_efficiency: double,
      smt_efficiency: double
    >,
    coremark: struct<score: double, score_per_mhz: double>
  >
)
PARTITIONED BY (region string, instance_type string, suite string, `date` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://YOUR-BUCKET/YOUR-PREFIX/results/v1.0/';

-- After new results have come: finds the partitions that are new.
MSCK REPAIR TABLE results;
