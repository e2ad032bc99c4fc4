// Asks a service through the vendor's own Node SDK, and prints what the SDK made of the answers, as JSON.
//
//   node unipile.mjs <folder of the SDK> <origin> <key> <steps as JSON: [[resource, method, input], ...]>
//
// The SDK checks every answer against its own types and throws where one does not match. Each step gives
// {"value": ...} or {"error": <name of the class>, "body": ...}. A step whose fourth part is true reads every page of a
// list, and its value is the list of pages.

import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, origin, key, steps] = process.argv.slice(2);
const { UnipileClient } = createRequire(resolve(folder, "package.json"))("unipile-node-sdk");
const client = new UnipileClient(origin, key, {
  validateRequestPayload: true,
  validateRequestPayloadLevel: "error",
});

const results = [];
for (const [resource, method, input, every] of JSON.parse(steps)) {
  try {
    const pages = [await client[resource][method](input)];
    while (every && pages.at(-1).cursor) {
      pages.push(await client[resource][method]({ ...input, cursor: pages.at(-1).cursor }));
    }
    results.push({ value: every ? pages : pages[0] });
  } catch (error) {
    results.push({ error: error.constructor.name, body: error.body ?? null });
  }
}
console.log(JSON.stringify(results));
