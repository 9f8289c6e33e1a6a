// Deletes one record for each line of stdin with a JavaScript client, and prints what it reported.
// A line is a job: {"client", "url", "id", "repeat", "debug"}. The report is a line that begins with RESULT.

import { createInterface } from "node:readline";
import { CortiClient } from "@corti/sdk";
import { ElevenLabsClient } from "@elevenlabs/elevenlabs-js";

const key = process.env.COMPARE_KEY;

function logging({ debug }) {
    return debug ? { level: "debug", silent: false } : undefined;
}

const clients = {
    "corti-javascript": (job) => {
        const { url } = job;
        const client = new CortiClient({
            environment: { base: `${url}/v2`, wss: url.replace("http", "ws"), login: `${url}/realms`, agents: url },
            auth: { clientId: "comparison", clientSecret: key },
            tenantName: "base",
            logging: logging(job),
        });
        return (id) => client.interactions.delete(id);
    },
    "elevenlabs-javascript": (job) => {
        const client = new ElevenLabsClient({ apiKey: key, baseUrl: job.url, logging: logging(job) });
        return (id) => client.conversationalAi.conversations.delete(id);
    },
    fetch: ({ url }) => async () => {
        const response = await fetch(`${url}/v1/records/r1`, { method: "DELETE", headers: { "x-api-key": key } });
        if (!response.ok) throw Object.assign(new Error("not ok"), { statusCode: response.status });
        return response.text();
    },
};

async function run(job) {
    try {
        const remove = clients[job.client](job);
        let value;
        for (let n = 0; n < job.repeat; n++) value = await remove(job.id);
        return { result: "success", value: value === undefined || value === null ? "" : JSON.stringify(value) };
    } catch (error) {
        if (process.env.COMPARE_VERBOSE) console.error(error);
        return { result: "error", status: error.statusCode ?? null, kind: error.constructor.name };
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    console.log("RESULT", JSON.stringify(await run(JSON.parse(line))));
}
process.exit(0);
