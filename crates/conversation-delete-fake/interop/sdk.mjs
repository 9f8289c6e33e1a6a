// Deletes at the fakes with the vendors' own JavaScript clients.

import assert from "node:assert/strict";
import { CortiClient } from "@corti/sdk";
import { ElevenLabsClient } from "@elevenlabs/elevenlabs-js";

const env = process.env;

async function control(vendor, method, route, body) {
    const origin = new URL(env[`${vendor.toUpperCase()}_BASE_URL`]).origin;
    const init = { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) };
    return (await fetch(`${origin}/__fake/${route}`, init)).json();
}

async function seeded(vendor) {
    return (await control(vendor, "POST", "records", { count: 1 })).ids[0];
}

async function state(vendor, record) {
    return (await control(vendor, "GET", "records")).find(({ id }) => id === record).state;
}

function cortiClient() {
    return new CortiClient({
        environment: {
            base: env.CORTI_BASE_URL,
            wss: env.CORTI_BASE_URL.replace("http", "ws"),
            login: `${env.CORTI_AUTH_URL}/realms`,
            agents: env.CORTI_AUTH_URL,
        },
        auth: { clientId: env.CORTI_CLIENT_ID, clientSecret: env.CORTI_CLIENT_SECRET },
        tenantName: env.CORTI_TENANT_NAME,
    });
}

async function corti() {
    const client = cortiClient();
    const record = await seeded("corti");
    assert.equal((await client.interactions.get(record)).id, record);
    await client.interactions.delete(record);
    assert.equal(await state("corti", record), "deleted");
    await assert.rejects(client.interactions.delete(record), { statusCode: 404 });
    await assert.rejects(client.interactions.delete("invalid-uuid"), { statusCode: 400 });

    // What the vendor's client is known for: it retries a 504 whose delete took effect and reports the 404.
    const other = await seeded("corti");
    await control("corti", "POST", "faults", { kind: "reply", status: 504, route: "delete", times: 1, effect: true });
    await assert.rejects(client.interactions.delete(other), { statusCode: 404 });
    assert.equal(await state("corti", other), "deleted");
}

async function elevenlabs() {
    const client = new ElevenLabsClient({ apiKey: env.ELEVENLABS_API_KEY, baseUrl: env.ELEVENLABS_BASE_URL });
    const { conversations } = client.conversationalAi;
    const record = await seeded("elevenlabs");
    assert.equal((await conversations.get(record)).conversationId, record);
    await conversations.delete(record);
    assert.equal(await state("elevenlabs", record), "deleted");
    await assert.rejects(conversations.delete(record), { statusCode: 404 });
}

let failed = false;
for (const check of [corti, elevenlabs]) {
    try {
        await check();
        console.log(`ok   ${check.name} (JavaScript)`);
    } catch (error) {
        failed = true;
        console.log(`FAIL ${check.name} (JavaScript): ${error.stack}`);
    }
}
process.exit(failed ? 1 : 0);
