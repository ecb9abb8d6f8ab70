/** The instance types with the most memory bandwidth, best first, with what each place is worth.
 *
 *     tsc --project examples && echo '{"type": "module"}' >build/examples/package.json
 *     node build/examples/examples/bandwidth.js BASE_URL
 */
import { BenchmarkClient } from "../clients/typescript/src/index.js";

declare const process: { argv: string[] };

const client = new BenchmarkClient({ baseUrl: process.argv[2] ?? "" });
const { data, source } = await client.rankings();
const ranking = data.rankings["triad_bandwidth"];
console.log(`# of ${data.lastUpdated}, from ${source}`);
for (const place of ranking?.types ?? []) {
  const interval = place.interval95 ? `${place.interval95[0]} to ${place.interval95[1]}` : "unknown";
  console.log(`${place.rank}. ${place.instanceType} ${place.value} ${ranking?.unit} (${interval}), grade ${place.grade}`);
}
