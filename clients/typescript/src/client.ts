/** Fetches the processed files by raw URL, keeps each for an hour, and asks the server again by ETag after that. */
import type { CpuBenchmarks, InstanceRankings, MemoryBenchmarks, Metadata, PricePerformance } from "./types.js";

/** The files, by the names of the methods that fetch them. */
export interface Files {
  memory: MemoryBenchmarks;
  cpu: CpuBenchmarks;
  prices: PricePerformance;
  rankings: InstanceRankings;
  metadata: Metadata;
}

const names: { readonly [K in keyof Files]: string } = {
  memory: "memory-benchmarks",
  cpu: "cpu-benchmarks",
  prices: "price-performance",
  rankings: "instance-rankings",
  metadata: "metadata",
};

/** What is kept of one file. */
export interface Entry {
  text: string;
  etag: string | null;
  /** Milliseconds since the epoch when the server last said that this is the file. */
  checkedAt: number;
}

/** Where files are kept: a Map, or something around localStorage or a disk. */
export interface Cache {
  get(url: string): Entry | undefined | Promise<Entry | undefined>;
  set(url: string, entry: Entry): unknown;
}

/** Where the data comes from: the server now, what it gave within the hour or has confirmed now, what it gave earlier
 * while it can't be reached, or what the program brought along. */
export type Source = "network" | "cache" | "stale" | "fallback";

export interface Loaded<T> {
  data: T;
  source: Source;
  /** Why the server's answer could not be had, where it is stale or a fallback. */
  error?: Error;
}

export interface Options {
  /** Of the folder that holds the files; ends in "/". */
  baseUrl: string;
  cache?: Cache;
  /** How long a file is taken without asking; an hour. */
  maxAgeSeconds?: number;
  /** For those who are offline and have nothing yet. */
  fallback?: Partial<Files>;
  fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** The text as a file of that kind. Refuses what is of another kind or another major version. */
function parse<K extends keyof Files>(kind: K, text: string): Files[K] {
  const document = JSON.parse(text) as { schema?: unknown; version?: unknown };
  if (typeof document !== "object" || document === null || typeof document.schema !== "string")
    throw new Error("the answer is no processed file");
  if (!document.schema.endsWith(`/${names[kind]}.schema.json`))
    throw new Error(`the answer is of the kind ${document.schema}, not ${names[kind]}`);
  if (typeof document.version !== "string" || document.version.split(".")[0] !== "1")
    throw new Error(`the file is version ${String(document.version)}, this client reads 1`);
  return document as unknown as Files[K];
}

export class BenchmarkClient {
  private readonly options: Required<Omit<Options, "fallback">> & Pick<Options, "fallback">;

  constructor(options: Options) {
    this.options = {
      cache: new Map<string, Entry>(),
      maxAgeSeconds: 3600,
      fetch: (input, init) => fetch(input, init),
      now: () => Date.now(),
      ...options,
    };
  }

  memory(): Promise<Loaded<MemoryBenchmarks>> {
    return this.load("memory");
  }

  cpu(): Promise<Loaded<CpuBenchmarks>> {
    return this.load("cpu");
  }

  rankings(): Promise<Loaded<InstanceRankings>> {
    return this.load("rankings");
  }

  metadata(): Promise<Loaded<Metadata>> {
    return this.load("metadata");
  }

  private async load<K extends keyof Files>(kind: K): Promise<Loaded<Files[K]>> {
    const url = `${this.options.baseUrl}${names[kind]}.json`;
    const kept = await this.options.cache.get(url);
    if (kept && this.options.now() - kept.checkedAt < this.options.maxAgeSeconds * 1000)
      return { data: parse(kind, kept.text), source: "cache" };
    try {
      return await this.ask(kind, url, kept);
    } catch (cause) {
      return this.doWithout(kind, kept, cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  /** What can't be read is not kept. */
  private async ask<K extends keyof Files>(kind: K, url: string, kept: Entry | undefined): Promise<Loaded<Files[K]>> {
    const headers: Record<string, string> = kept?.etag ? { "If-None-Match": kept.etag } : {};
    const answer = await this.options.fetch(url, { headers });
    const checkedAt = this.options.now();
    if (answer.status === 304 && kept) {
      await this.options.cache.set(url, { ...kept, checkedAt });
      return { data: parse(kind, kept.text), source: "cache" };
    }
    if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}`);
    const text = await answer.text();
    const data = parse(kind, text);
    await this.options.cache.set(url, { text, etag: answer.headers.get("etag"), checkedAt });
    return { data, source: "network" };
  }

  private doWithout<K extends keyof Files>(kind: K, kept: Entry | undefined, error: Error): Loaded<Files[K]> {
    if (kept) return { data: parse(kind, kept.text), source: "stale", error };
    const fallback = this.options.fallback?.[kind];
    if (fallback) return { data: fallback as Files[K], source: "fallback", error };
    throw error;
  }
}
