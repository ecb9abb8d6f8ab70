/** Every published type has every field that ComputeCompass reads; and whichever is taken away is missed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const contract = await import(process.env.CLIENT);
const load = (name) => JSON.parse(readFileSync(`${process.env.PROCESSED}/${name}.json`, "utf8"));
const files = [
  ["memory-benchmarks", contract.readMemoryAsConsumer, contract.memoryFields],
  ["cpu-benchmarks", contract.readCpuAsConsumer, contract.cpuFields],
  ["price-performance", contract.readPricesAsConsumer, contract.priceFields],
];

function without(document, path) {
  const copy = structuredClone(document);
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name];
  delete at[path.at(-1)];
  return copy;
}

for (const [name, read, fields] of files) {
  test(`${name} holds what is read of every type`, () => {
    const document = load(name);
    assert.ok(Object.keys(document.instances).length >= 2, "types of both architectures");
    read(document);
  });

  test(`${name}: every field of every type is missed when it is taken away`, () => {
    const document = load(name);
    for (const type of Object.keys(document.instances))
      for (const field of fields)
        assert.throws(() => read(without(document, ["instances", type, ...field.split(".")])), `${type} ${field}`);
  });

  test(`${name}: rankings, version and time are missed as well`, () => {
    const document = load(name);
    for (const ranking of Object.keys(document.rankings ?? {})) {
      assert.throws(() => read(without(document, ["rankings", ranking])));
      for (const [index, row] of document.rankings[ranking].entries())
        for (const field of Object.keys(row))
          assert.throws(() => read(without(document, ["rankings", ranking, index, field])), `${ranking} ${field}`);
    }
    const top = ["version", "lastUpdated", "instances", ...("rankings" in document ? ["rankings"] : [])];
    for (const field of top)
      assert.throws(() => read(without(document, [field])), field);
  });
}

test("what only the memory file has is missed as well", () => {
  const document = load("memory-benchmarks");
  const read = contract.readMemoryAsConsumer;
  for (const field of Object.keys(document.summary)) assert.throws(() => read(without(document, ["summary", field])));
  for (const kernel of ["copy", "scale", "add", "triad"])
    assert.throws(() => read(without(document, ["performance_data", "stream", kernel, "bandwidth"])));
  assert.throws(() => read(without(document, ["system_info", "architecture"])));
});

test("a type without any instruction set is missed, one more or less is not", () => {
  const document = load("cpu-benchmarks");
  for (const instance of Object.values(document.instances)) {
    const kept = instance.vectorization;
    instance.vectorization = {};
    assert.throws(() => contract.readCpuAsConsumer(document));
    instance.vectorization = kept;
  }
});

test("a text where a number belongs is noticed", () => {
  const document = load("memory-benchmarks");
  const [instance] = Object.values(document.instances);
  instance.stream.triad.bandwidth = "41.9";
  assert.throws(() => contract.readMemoryAsConsumer(document), /neither a number nor null/);
});
