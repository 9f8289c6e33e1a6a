// Tests code that deletes at Tavus against a fake, with Node alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, test } from "node:test";

/** The code under test: deletes one conversation, and repeats a delete whose response was lost. */
async function erase(baseUrl, key, id) {
  const url = `${baseUrl}/v2/conversations/${encodeURIComponent(id)}?hard=true`;
  const send = () => fetch(url, { method: "DELETE", redirect: "error", headers: { "x-api-key": key } });
  let isRepeated = false;
  const response = await send().catch(() => ((isRepeated = true), send()));
  if (response.status === 204) return;
  const isAbsent = response.status === 400 && (await response.text()).includes("Invalid conversation_id");
  if (!(isRepeated && isAbsent)) throw new Error(`status ${response.status}`);
}

let fakes, env, ids;

beforeEach(async () => {
  fakes = spawn("conversation-delete", ["fake", "--count", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  env = {};
  for await (const line of createInterface({ input: fakes.stdout })) {
    const [name, value] = line.split("=", 2);
    env[name] = value;
    if (name === "TAVUS_BASE_URL") break;
  }
  ({ ids } = await control("records", { count: 2 }));
});

afterEach(async () => {
  fakes.kill();
  await once(fakes, "exit");
});

/** Calls the fake's control API. */
async function control(what, body) {
  const options = body && { method: "POST", body: JSON.stringify(body) };
  return (await fetch(`${env.TAVUS_BASE_URL}/__fake/${what}`, options)).json();
}

const states = async () => (await control("records")).map((record) => record.state);

test("a record is deleted, and no other", async () => {
  await erase(env.TAVUS_BASE_URL, env.TAVUS_API_KEY, ids[0]);
  assert.deepEqual(await states(), ["deleted", "present"]);
});

test("a lost response does not lose the deletion", async () => {
  await control("faults", { kind: "close", route: "delete", effect: true, times: 1 });
  await erase(env.TAVUS_BASE_URL, env.TAVUS_API_KEY, ids[0]);
  assert.deepEqual(await states(), ["deleted", "present"]);
  assert.equal((await control("faults"))[0].hits, 1);
});

test("a wrong key is an error", async () => {
  await assert.rejects(erase(env.TAVUS_BASE_URL, "wrong", ids[0]), /401/);
  assert.deepEqual(await states(), ["present", "present"]);
});
