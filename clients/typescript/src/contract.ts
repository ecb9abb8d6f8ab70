/** What the web app ComputeCompass reads of the files, field by field: it reads unguarded, so each must be there. */
import type { CpuBenchmarks, MemoryBenchmarks, PricePerformance } from "./types.js";

const bandwidthAndUnit = ["copy", "scale", "add", "triad"].flatMap((kernel) => [
  `stream.${kernel}.bandwidth`,
  `stream.${kernel}.unit`,
]);
const levels = ["l1", "l2", "l3"].flatMap((level) =>
  ["latency", "bandwidth", "unit"].map((field) => `cache.${level}.${field}`),
);

/** In instances[type]. */
export const memoryFields: readonly string[] = [
  ...bandwidthAndUnit,
  ...levels,
  "cache.memory.latency",
  "cache.memory.unit",
  "numa.socketCount",
  "numa.localBandwidth",
  "numa.remoteBandwidth",
  "numa.interSocketLatency",
];

export const cpuFields: readonly string[] = [
  "linpack.gflops",
  "linpack.efficiency",
  "linpack.problemSize",
  "coremark.score",
  "coremark.coremarkMhz",
  "scaling.singleThread",
  "scaling.allCores",
  "scaling.smtEfficiency",
];

export const priceFields: readonly string[] = [
  "onDemand",
  "spot.current",
  "spot.average7d",
  "spot.reliability",
  "reserved.term1yr",
  "reserved.term3yr",
  "costEfficiency.costPerGflop",
  "costEfficiency.costPerGBs",
];

/** Those that the CPU has. */
export const vectorFields: readonly string[] = ["sse2", "avx2", "avx512", "neon", "sve"];

/** In the rows of a ranking. */
const rankingFields: Readonly<Record<string, readonly string[]>> = {
  triad_bandwidth: ["instanceType", "bandwidth", "architecture"],
  memory_latency: ["instanceType", "latency", "architecture"],
  peak_gflops: ["instanceType", "gflops", "architecture"],
  coremark_score: ["instanceType", "score", "architecture"],
};

const memorySummary = [
  "totalInstances",
  "architectures",
  "bestMemoryBandwidth.instanceType",
  "bestMemoryBandwidth.bandwidth",
  "bestMemoryBandwidth.unit",
  "bestMemoryLatency.instanceType",
  "bestMemoryLatency.latency",
  "bestMemoryLatency.unit",
];

/** For the reader that takes the memory file for one result. */
const oneResult = [
  ...["copy", "scale", "add", "triad"].map((kernel) => `performance_data.stream.${kernel}.bandwidth`),
  "system_info.architecture",
];

type Tree = { readonly [name: string]: unknown };

/** What stands at a dotted path; throws where there is nothing, as reading it unguarded would. Null is something. */
function read(tree: unknown, path: string, where: string): unknown {
  let at: unknown = tree;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || !(name in at)) throw new Error(`${where} has no ${path}`);
    at = (at as Tree)[name];
  }
  if (at === undefined) throw new Error(`${where} has no ${path}`);
  return at;
}

function readAll(tree: unknown, paths: readonly string[], where: string): void {
  for (const path of paths) {
    const value = read(tree, path, where);
    const isWord = /unit$|instanceType$|architecture$|architectures$/.test(path);
    if (!isWord && value !== null && (typeof value !== "number" || !Number.isFinite(value)))
      throw new Error(`${where}: ${path} is neither a number nor null`);
  }
}

function readRankings(document: Tree, rankings: readonly string[]): void {
  for (const name of rankings)
    for (const row of read(document, `rankings.${name}`, "the file") as unknown[])
      readAll(row, rankingFields[name] ?? [], `rankings.${name}`);
}

function readTop(document: Tree): void {
  for (const path of ["version", "lastUpdated"]) read(document, path, "the file");
}

/** Throws where a field is missing that ComputeCompass reads. */
export function readMemoryAsConsumer(document: MemoryBenchmarks): void {
  const tree = document as unknown as Tree;
  readTop(tree);
  for (const [type, instance] of Object.entries(read(tree, "instances", "the file") as Tree))
    readAll(instance, memoryFields, type);
  readRankings(tree, ["triad_bandwidth", "memory_latency"]);
  readAll(read(tree, "summary", "the file"), memorySummary, "summary");
  readAll(tree, oneResult, "the file");
}

/** The same for cpu-benchmarks.json. */
export function readCpuAsConsumer(document: CpuBenchmarks): void {
  const tree = document as unknown as Tree;
  readTop(tree);
  for (const [type, instance] of Object.entries(read(tree, "instances", "the file") as Tree)) {
    readAll(instance, cpuFields, type);
    const had = Object.keys(read(instance, "vectorization", type) as Tree).filter((name) => vectorFields.includes(name));
    if (had.length === 0) throw new Error(`${type} has no vectorization`);
    readAll(read(instance, "vectorization", type), had, type);
  }
  readRankings(tree, ["peak_gflops", "coremark_score"]);
}

/** The same for price-performance.json. */
export function readPricesAsConsumer(document: PricePerformance): void {
  const tree = document as unknown as Tree;
  readTop(tree);
  for (const [type, instance] of Object.entries(read(tree, "instances", "the file") as Tree))
    readAll(instance, priceFields, type);
}
