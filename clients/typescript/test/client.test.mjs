/** The client against a server of its own on loopback: what it asks, what it keeps, what it does without one. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { after, beforeEach, test } from "node:test";

const { BenchmarkClient } = await import(process.env.CLIENT);
const text = readFileSync(`${process.env.PROCESSED}/memory-benchmarks.json`, "utf8");

let answer;
let asked;
const server = createServer((request, response) => {
  asked.push(request.headers["if-none-match"] ?? null);
  const { status, body, etag } = answer;
  const confirmed = etag && request.headers["if-none-match"] === etag;
  response.writeHead(confirmed ? 304 : status, etag ? { etag } : {});
  response.end(confirmed ? undefined : body);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
after(() => server.close());
const baseUrl = `http://127.0.0.1:${server.address().port}/latest/`;

beforeEach(() => {
  asked = [];
  answer = { status: 200, body: text, etag: '"one"' };
});

function clientAt(clock, more = {}) {
  return new BenchmarkClient({ baseUrl, now: () => clock.now, ...more });
}

test("within an hour a file is not asked for again", async () => {
  const clock = { now: 0 };
  const client = clientAt(clock);
  assert.equal((await client.memory()).source, "network");
  clock.now = 3_599_000;
  const again = await client.memory();
  assert.equal(again.source, "cache");
  assert.deepEqual(again.data, JSON.parse(text));
  assert.deepEqual(asked, [null]);
});

test("after an hour it is asked for by its ETag, and a 304 is good for another hour", async () => {
  const clock = { now: 0 };
  const client = clientAt(clock);
  await client.memory();
  clock.now = 3_600_000;
  assert.equal((await client.memory()).source, "cache");
  clock.now = 7_100_000;
  await client.memory();
  assert.deepEqual(asked, [null, '"one"']);
});

test("a changed file replaces what was kept", async () => {
  const clock = { now: 0 };
  const client = clientAt(clock);
  await client.memory();
  const changed = { ...JSON.parse(text), lastUpdated: "2030-01-01T00:00:00Z" };
  answer = { status: 200, body: JSON.stringify(changed), etag: '"two"' };
  clock.now = 3_600_000;
  const loaded = await client.memory();
  assert.equal(loaded.source, "network");
  assert.equal(loaded.data.lastUpdated, "2030-01-01T00:00:00Z");
});

for (const [what, bad] of [
  ["an error", { status: 500, body: "sorry" }],
  ["half a file", { status: 200, body: text.slice(0, 100) }],
  ["a file of another kind", { status: 200, body: text.replaceAll("memory-benchmarks.schema", "other.schema") }],
  ["a file of a later major version", { status: 200, body: text.replace('"version": "1.0"', '"version": "2.0"') }],
  ["a page", { status: 200, body: "<html></html>" }],
]) {
  test(`${what} leaves what was kept, and says so`, async () => {
    const clock = { now: 0 };
    const client = clientAt(clock);
    await client.memory();
    answer = bad;
    clock.now = 3_600_000;
    const loaded = await client.memory();
    assert.equal(loaded.source, "stale");
    assert.ok(loaded.error instanceof Error);
    assert.deepEqual(loaded.data, JSON.parse(text));
  });

  test(`${what} at first is an error, or the fallback where there is one`, async () => {
    answer = bad;
    await assert.rejects(clientAt({ now: 0 }).memory());
    const fallback = { memory: JSON.parse(text) };
    const loaded = await clientAt({ now: 0 }, { fallback }).memory();
    assert.equal(loaded.source, "fallback");
    assert.ok(loaded.error instanceof Error);
  });
}

test("without a network it is the fallback, or an error", async () => {
  const options = { baseUrl: "http://127.0.0.1:1/", fallback: { memory: JSON.parse(text) } };
  assert.equal((await new BenchmarkClient(options).memory()).source, "fallback");
  await assert.rejects(new BenchmarkClient({ baseUrl: options.baseUrl }).memory());
});

test("a cache of one's own is asked and filled", async () => {
  const kept = new Map();
  const cache = { get: async (url) => kept.get(url), set: async (url, entry) => kept.set(url, entry) };
  await clientAt({ now: 0 }, { cache }).memory();
  assert.deepEqual([...kept.keys()], [`${baseUrl}memory-benchmarks.json`]);
  assert.equal((await clientAt({ now: 1000 }, { cache }).memory()).source, "cache");
});
