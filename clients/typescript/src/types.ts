// Made by scripts/client_types.py from data/schemas/v1.0: change these, not this.

/** Memory, cache and NUMA figures of every instance type that has all of them: medians over results. */
export interface MemoryBenchmarks {
  /** Stands first where results enter that EC2 instances did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/memory-benchmarks.schema.json";
  version: "1.0";
  /** Time of the newest result; 1970-01-01T00:00:00Z where there is none. */
  lastUpdated: MemoryBenchmarksTimestamp;
  collectionMethods: MemoryBenchmarksMethods;
  /** The rule of each grade, best first; a figure has the first whose rule it meets. */
  grades: { [name: string]: string };
  instances: { [name: string]: MemoryBenchmarksInstance };
  rankings: {
    /** Highest first. */
    triad_bandwidth: {
      instanceType: string;
      bandwidth: MemoryBenchmarksAmount;
      architecture: MemoryBenchmarksProcessor;
    }[];
    /** Lowest first. */
    memory_latency: {
      instanceType: string;
      latency: MemoryBenchmarksAmount;
      architecture: MemoryBenchmarksProcessor;
    }[];
  };
  summary: {
    totalInstances: number;
    architectures: MemoryBenchmarksProcessor[];
    bestMemoryBandwidth: {
      instanceType: string | null;
      bandwidth: MemoryBenchmarksAmountOrNull;
      unit: "GB/s";
    };
    bestMemoryLatency: {
      instanceType: string | null;
      latency: MemoryBenchmarksAmountOrNull;
      unit: "ns";
    };
  };
  /** This and the three that follow: of the newest stream result. */
  metadata: { [name: string]: unknown };
  performance_data: {
    stream: MemoryBenchmarksNewestStream;
  };
  system_info: {
    architecture: "x86_64" | "arm64" | null;
  };
  execution_context: { [name: string]: unknown };
}

export type MemoryBenchmarksTimestamp = string;

export type MemoryBenchmarksAmount = number;

/** Null: the hardware lacks it. */
export type MemoryBenchmarksAmountOrNull = number | null;

export type MemoryBenchmarksProcessor = "intel" | "amd" | "graviton";

export type MemoryBenchmarksMethods = ("automated" | "local" | "manual" | "sandbox")[];

export type MemoryBenchmarksTexts = string[];

/** Of the medians of results, but samples and withinRun, which are of all samples. */
export interface MemoryBenchmarksStatistics {
  results: number;
  samples: number;
  median: number;
  mean: number;
  /** n - 1; null of one result. */
  standardDeviation: MemoryBenchmarksSpreadOrNull;
  coefficientOfVariation: MemoryBenchmarksSpreadOrNull;
  /** Standard deviation of the results' true values: what the samples' own spread explains is taken off. */
  betweenRuns: MemoryBenchmarksSpreadOrNull;
  /** Standard deviation of samples about their result's mean. */
  withinRun: MemoryBenchmarksSpreadOrNull;
  /** Student's t; null of one result. */
  meanInterval95: MemoryBenchmarksIntervalOrNull;
  /** Order statistics; null below six results. */
  medianInterval95: MemoryBenchmarksIntervalOrNull;
  /** RUN-ITERATION of results whose modified z-score is over 3.5; they stay in every figure. */
  outliers: MemoryBenchmarksTexts;
  grade: string;
}

export type MemoryBenchmarksSpreadOrNull = number | null;

export type MemoryBenchmarksIntervalOrNull = number[] | null;

export interface MemoryBenchmarksStratum {
  cpuModel: string | null;
  region: string;
  suiteVersion: string;
  results: number;
  /** By the place of the figure. */
  medians: { [name: string]: number };
}

export interface MemoryBenchmarksInstance {
  architecture: MemoryBenchmarksProcessor;
  instanceFamily: string | null;
  cpuArchitecture: "x86_64" | "arm64";
  cpuModels: MemoryBenchmarksTexts;
  regions: MemoryBenchmarksTexts;
  collectionMethods: MemoryBenchmarksMethods;
  /** Words with which a suite qualified a result. */
  flags: MemoryBenchmarksTexts;
  /** Documents behind the medians. */
  results: number;
  lastMeasured: MemoryBenchmarksTimestamp;
  /** By the place of a figure in this object: what stands behind it. */
  statistics: { [name: string]: MemoryBenchmarksStatistics };
  /** Results that are alike in what makes results of a type differ beside chance. */
  strata: MemoryBenchmarksStratum[];
  stream: MemoryBenchmarksStream;
  cache: {
    l1: MemoryBenchmarksLevel;
    l2: MemoryBenchmarksLevel;
    l3: MemoryBenchmarksLevel;
    memory: {
      /** Clustered random: little TLB cost. */
      latency: MemoryBenchmarksAmount;
      /** Fully random. */
      latencyRandom?: MemoryBenchmarksAmount;
      /** As latency, in cycles of the clock measured. */
      latencyCycles?: MemoryBenchmarksAmount;
      /** GB/s, one thread; the two below as well. */
      readBandwidth?: MemoryBenchmarksAmount;
      writeBandwidth?: MemoryBenchmarksAmount;
      /** Read and written bytes both count. */
      copyBandwidth?: MemoryBenchmarksAmount;
      unit: "ns";
    };
  };
  numa: {
    socketCount: MemoryBenchmarksAmount;
    nodeCount?: MemoryBenchmarksAmount;
    /** GB/s */
    localBandwidth: MemoryBenchmarksAmount;
    /** GB/s */
    remoteBandwidth: MemoryBenchmarksAmountOrNull;
    /** ns */
    localLatency?: MemoryBenchmarksAmount;
    /** ns */
    remoteLatency?: MemoryBenchmarksAmountOrNull;
    /** ns */
    interSocketLatency: MemoryBenchmarksAmountOrNull;
    /** ns, of local memory, while all other CPUs of the node read it; null on one CPU. */
    loadedLatency?: MemoryBenchmarksAmountOrNull;
  };
}

export interface MemoryBenchmarksLevel {
  latency: MemoryBenchmarksAmountOrNull;
  /** GB/s, reading, one thread. */
  bandwidth: MemoryBenchmarksAmountOrNull;
  /** As latency, in ns. */
  latencyNs?: MemoryBenchmarksAmountOrNull;
  /** GB/s, one thread. */
  writeBandwidth?: MemoryBenchmarksAmountOrNull;
  /** GB/s, one thread; read and written bytes both count. */
  copyBandwidth?: MemoryBenchmarksAmountOrNull;
  unit: "cycles|GB/s";
}

export interface MemoryBenchmarksStream {
  copy: MemoryBenchmarksKernel;
  scale: MemoryBenchmarksKernel;
  add: MemoryBenchmarksKernel;
  triad: MemoryBenchmarksKernel;
}

export interface MemoryBenchmarksKernel {
  /** The best kernels, all hardware threads. */
  bandwidth: MemoryBenchmarksAmount;
  /** Plain loops, as most published STREAM figures come from. */
  reference?: MemoryBenchmarksAmount;
  unit: "GB/s";
}

/** Null bandwidths: there is no result. */
export type MemoryBenchmarksNewestStream = { [name: string]: {
  bandwidth: MemoryBenchmarksAmountOrNull;
  unit: "GB/s";
} };

/** Arithmetic of every instance type that has all of it: medians over results. Rates in GFLOPS, double precision. */
export interface CpuBenchmarks {
  /** Stands first where results enter that EC2 instances did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/cpu-benchmarks.schema.json";
  version: "1.0";
  /** Time of the newest result; 1970-01-01T00:00:00Z where there is none. */
  lastUpdated: CpuBenchmarksTimestamp;
  collectionMethods: CpuBenchmarksMethods;
  /** The rule of each grade, best first; a figure has the first whose rule it meets. */
  grades: { [name: string]: string };
  instances: { [name: string]: CpuBenchmarksInstance };
  rankings: {
    /** By LINPACK, highest first. */
    peak_gflops: {
      instanceType: string;
      gflops: CpuBenchmarksAmount;
      architecture: CpuBenchmarksProcessor;
    }[];
    /** Highest first; only types on which EEMBC's own CoreMark was run. */
    coremark_score: {
      instanceType: string;
      score: CpuBenchmarksAmount;
      architecture: CpuBenchmarksProcessor;
    }[];
  };
  summary: {
    totalInstances: number;
    architectures: CpuBenchmarksProcessor[];
    bestPeakGflops: {
      instanceType: string | null;
      gflops: CpuBenchmarksAmountOrNull;
      unit: "GFLOPS";
    };
    bestCoremarkScore: {
      instanceType: string | null;
      score: CpuBenchmarksAmountOrNull;
      unit: "iterations/s";
    };
  };
}

export type CpuBenchmarksTimestamp = string;

export type CpuBenchmarksAmount = number;

/** Null: the hardware lacks it, or it was not run. */
export type CpuBenchmarksAmountOrNull = number | null;

export type CpuBenchmarksProcessor = "intel" | "amd" | "graviton";

export type CpuBenchmarksMethods = ("automated" | "local" | "manual" | "sandbox")[];

export type CpuBenchmarksTexts = string[];

/** Of the medians of results, but samples and withinRun, which are of all samples. */
export interface CpuBenchmarksStatistics {
  results: number;
  samples: number;
  median: number;
  mean: number;
  /** n - 1; null of one result. */
  standardDeviation: CpuBenchmarksSpreadOrNull;
  coefficientOfVariation: CpuBenchmarksSpreadOrNull;
  /** Standard deviation of the results' true values: what the samples' own spread explains is taken off. */
  betweenRuns: CpuBenchmarksSpreadOrNull;
  /** Standard deviation of samples about their result's mean. */
  withinRun: CpuBenchmarksSpreadOrNull;
  /** Student's t; null of one result. */
  meanInterval95: CpuBenchmarksIntervalOrNull;
  /** Order statistics; null below six results. */
  medianInterval95: CpuBenchmarksIntervalOrNull;
  /** RUN-ITERATION of results whose modified z-score is over 3.5; they stay in every figure. */
  outliers: CpuBenchmarksTexts;
  grade: string;
}

export type CpuBenchmarksSpreadOrNull = number | null;

export type CpuBenchmarksIntervalOrNull = number[] | null;

export interface CpuBenchmarksStratum {
  cpuModel: string | null;
  region: string;
  suiteVersion: string;
  results: number;
  /** By the place of the figure. */
  medians: { [name: string]: number };
}

export interface CpuBenchmarksInstance {
  architecture: CpuBenchmarksProcessor;
  instanceFamily: string | null;
  cpuArchitecture: "x86_64" | "arm64";
  cpuModels: CpuBenchmarksTexts;
  regions: CpuBenchmarksTexts;
  collectionMethods: CpuBenchmarksMethods;
  /** Words with which a suite qualified a result. */
  flags: CpuBenchmarksTexts;
  /** Documents behind the medians. */
  results: number;
  lastMeasured: CpuBenchmarksTimestamp;
  /** By the place of a figure in this object: what stands behind it. */
  statistics: { [name: string]: CpuBenchmarksStatistics };
  /** Results that are alike in what makes results of a type differ beside chance. */
  strata: CpuBenchmarksStratum[];
  linpack: {
    /** All hardware threads. */
    gflops: CpuBenchmarksAmount;
    /** Of the measured peak, a fraction. */
    efficiency: CpuBenchmarksAmount;
    /** Equations. */
    problemSize: CpuBenchmarksAmount;
    /** Of the instruction set that LINPACK used. */
    peak?: CpuBenchmarksAmount;
  };
  /** EEMBC's own; nulls where it was not run. */
  coremark: {
    score: CpuBenchmarksAmountOrNull;
    coremarkMhz: CpuBenchmarksAmountOrNull;
  };
  /** Peak of each instruction set that the CPU has, all hardware threads. */
  vectorization: {
    sse2?: CpuBenchmarksAmount;
    avx2?: CpuBenchmarksAmount;
    avx512?: CpuBenchmarksAmount;
    neon?: CpuBenchmarksAmount;
    sve?: CpuBenchmarksAmount;
  };
  scaling: {
    singleThread: CpuBenchmarksAmount;
    /** One thread to a core. */
    allCores: CpuBenchmarksAmount;
    /** Null where no two threads share a core. */
    allThreads: CpuBenchmarksAmountOrNull;
    /** Of a core among all cores, against one alone. Null for one core. */
    coreEfficiency: CpuBenchmarksAmountOrNull;
    /** Of a thread among all threads, against one to a core. */
    smtEfficiency: CpuBenchmarksAmountOrNull;
  };
}

/** What instance types cost, and what their measured speed costs: medians over results, prices as `discover prices` found them. US dollars an hour. */
export interface PricePerformance {
  /** Stands first where no prices were given, and where results or prices enter that AWS did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/price-performance.schema.json";
  version: "1.0";
  /** Time of the newest result; 1970-01-01T00:00:00Z where there is none. */
  lastUpdated: PricePerformanceTimestamp;
  collectionMethods: ("automated" | "local" | "manual" | "sandbox")[];
  /** Where and when the prices were found; null: none were given. */
  prices: {
    /** Whether anybody but AWS was asked: the prices may be invented. */
    sandbox: boolean;
    region: string;
    currency: "USD";
    per: "hour";
    sources: {
      onDemand: PricePerformanceSource;
      reserved: PricePerformanceSource;
      spot: PricePerformanceSource;
      reliability: PricePerformanceSourceOrNull;
    };
  } | null;
  instances: { [name: string]: PricePerformanceInstance };
}

export type PricePerformanceTimestamp = string;

export type PricePerformanceTimestampOrNull = string | null;

export type PricePerformancePrice = number;

/** Null: it is not sold so. */
export type PricePerformancePriceOrNull = number | null;

export type PricePerformanceCost = number;

export interface PricePerformanceSource {
  name: string;
  endpoint: string;
  /** When it was asked. */
  time: PricePerformanceTimestamp;
}

/** Null where nobody answered. */
export type PricePerformanceSourceOrNull = {
  name: string;
  endpoint: string;
  time: PricePerformanceTimestamp;
} | null;

export interface PricePerformanceInstance {
  onDemand: PricePerformancePrice;
  spot: {
    /** Of the zone that is cheapest now. */
    current: PricePerformancePriceOrNull;
    /** Of the same zone, each price by how long it held. */
    average7d: PricePerformancePriceOrNull;
    /** Part of the instances that was not taken back in the month before, at the least: 1 less the upper end of the advisor's range. Null: not known. */
    reliability: number | null;
    zone: string | null;
  };
  /** Standard class, nothing paid up front. */
  reserved: {
    term1yr: PricePerformancePriceOrNull;
    term3yr: PricePerformancePriceOrNull;
  };
  /** When AWS published the price list; null where it does not say. */
  listPublished: PricePerformanceTimestampOrNull;
  /** By the on-demand price. */
  costEfficiency: {
    /** USD an hour for each GFLOPS of LINPACK. */
    costPerGflop: PricePerformanceCost;
    /** USD an hour for each GB/s of STREAM's triad. */
    costPerGBs: PricePerformanceCost;
    /** USD for the time that the type's instances took for a result, boot and delivery among it. Null: not known. */
    costPerResult: number | null;
  };
}

/** The instance types that memory-benchmarks.json and cpu-benchmarks.json list, in the order of one figure after the other, each with what its place is worth. */
export interface InstanceRankings {
  /** Stands first where results enter that EC2 instances did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/instance-rankings.schema.json";
  version: "1.0";
  /** Time of the newest result; 1970-01-01T00:00:00Z where there is none. */
  lastUpdated: string;
  collectionMethods: ("automated" | "local" | "manual" | "sandbox")[];
  /** The rule of each grade, best first; a figure has the first whose rule it meets. */
  grades: { [name: string]: string };
  rankings: { [name: string]: InstanceRankingsRanking };
}

export interface InstanceRankingsRanking {
  /** Its place in instances[type] of the file that lists it. */
  figure: string;
  unit: string;
  best: "highest" | "lowest";
  /** Best first. */
  types: InstanceRankingsPlace[];
}

export interface InstanceRankingsPlace {
  /** From 1; equal values share one. */
  rank: number;
  /** Among types of the same architecture. */
  rankInArchitecture: number;
  instanceType: string;
  architecture: "intel" | "amd" | "graviton";
  value: number;
  /** Of the median from six results on, of the mean below; null of one result. Places whose intervals overlap are not told apart by these results. */
  interval95: number[] | null;
  results: number;
  grade: string;
}

/** What the files beside it were made of, and which instance types are not in them, for want of what. */
export interface Metadata {
  /** Stands first where results enter that EC2 instances did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/metadata.schema.json";
  version: "1.0";
  lastUpdated: string;
  collectionMethods: ("automated" | "local" | "manual" | "sandbox")[];
  files: string[];
  results: {
    used: number;
    /** Sound results that are not published, by reason. */
    leftOut: { [name: string]: number };
  };
  /** Types that have results but are not listed, each with the fields that it lacks. */
  incompleteTypes: { [name: string]: string[] };
  /** Types that have results but are not in price-performance.json, each with the reason why it has no price. */
  typesWithoutPrice: { [name: string]: string };
}

/** Of the types that the files of latest/ list: what was measured in the period, and what has moved since the type was measured last. */
export interface PeriodSummary {
  /** Stands first where results enter that EC2 instances did not give. */
  notice?: string;
  schema: "data/schemas/v1.0/period-summary.schema.json";
  version: "1.0";
  /** Time of the newest result of all, in this period or later. */
  lastUpdated: string;
  collectionMethods: ("automated" | "local" | "manual" | "sandbox")[];
  period: {
    /** A week of ISO 8601, or a month. */
    name: string;
    /** First day, UTC. */
    from: PeriodSummaryDate;
    /** Last day. */
    to: PeriodSummaryDate;
  };
  rule: string;
  instances: { [name: string]: { [name: string]: PeriodSummaryFigure } };
  /** The figures whose `moved` is true. */
  moved: {
    instanceType: string;
    figure: string;
    change: PeriodSummaryNumberOrNull;
  }[];
}

export type PeriodSummaryDate = string;

export type PeriodSummaryNumberOrNull = number | null;

export interface PeriodSummaryFigure {
  results: number;
  median: number;
  mean: number;
  standardDeviation: number | null;
  meanInterval95: number[] | null;
  /** The last period before in which the figure was measured; null: the first. */
  previous: {
    period: string;
    results: number;
    median: number;
    mean: number;
  } | null;
  /** Of the mean, as a share. */
  change: PeriodSummaryNumberOrNull;
  /** By more than its noise; null: nobody knows its noise. */
  moved: boolean | null;
  trendPerPeriod: PeriodSummaryNumberOrNull;
}
