"""Deletes one record for each line of stdin with a Python client, or with a program, and prints what it reported.

A line is a job: {"client", "url", "id", "repeat", "debug"}, where "debug" is null, "plain" or "fields". The report is a line that begins with RESULT.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys

KEY = os.environ["COMPARE_KEY"]


def elevenlabs_python(job):
    from elevenlabs import ElevenLabs
    from elevenlabs.base_client import BaseElevenLabs

    # The class that the documentation shows does not take the option for logging; its base class does.
    options = {"logging": {"level": "debug", "silent": False}} if job["debug"] else {}
    client = (BaseElevenLabs if job["debug"] else ElevenLabs)(api_key=KEY, base_url=job["url"], **options)
    return client.conversational_ai.conversations.delete(job["id"])


def elevenlabs_cli(job):
    if job["id"] is None:
        raise NotPossible
    command = ["elevenlabs", "agents", "conversations", "delete", "--base-url", job["url"]]
    command += ["--conversation-id", job["id"], "--format", "json"] + (["--debug"] if job["debug"] else [])
    environment = {**os.environ, "ELEVENLABS_API_KEY": KEY}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if job["debug"]:
        print(done.stdout, done.stderr, file=sys.stderr)
    if done.returncode != 0:
        raise ProgramFailed(done)
    return done.stdout


class NotPossible(Exception):
    """The job cannot be written for this client."""


class ProgramFailed(Exception):
    def __init__(self, done):
        self.done = done
        try:
            self.status_code = json.loads(done.stderr or done.stdout)["error"]["code"]
        except (ValueError, KeyError, TypeError):
            self.status_code = None


def tavus_python(job):
    from tavus_mcp.sdk.client.http import TavusClient

    os.environ["TAVUS_API_KEY"] = KEY
    os.environ["TAVUS_PUBLIC_API_BASE_URL"] = job["url"] + "/v2"

    async def delete():
        async with TavusClient.from_env() as client:
            return await client.conversations.delete(job["id"])

    return asyncio.run(delete())


def httpx_defaults(job):
    import httpx

    return reported(httpx.delete(job["url"] + "/v1/records/r1", headers={"x-api-key": KEY}))


def requests_defaults(job):
    import requests

    return reported(requests.delete(job["url"] + "/v1/records/r1", headers={"x-api-key": KEY}))


def reported(response):
    response.raise_for_status()
    return response.text


class AllFields(logging.Formatter):
    """Prints what a log record holds, as loggers for JSON do."""

    def format(self, record):
        return str(record.__dict__)


CLIENTS = {
    "elevenlabs-python": elevenlabs_python,
    "elevenlabs-cli": elevenlabs_cli,
    "tavus-python": tavus_python,
    "httpx": httpx_defaults,
    "requests": requests_defaults,
}


def status_of(error):
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    return status if isinstance(status, int) else None


def run(job):
    if job["debug"]:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    if job["debug"] == "fields":
        logging.getLogger().handlers[0].setFormatter(AllFields())
    try:
        values = [CLIENTS[job["client"]](job) for _ in range(job["repeat"])]
        return {"result": "success", "value": "" if values[-1] is None else str(values[-1])}
    except NotPossible:
        return {"result": "not possible"}
    except Exception as error:
        if os.environ.get("COMPARE_VERBOSE"):
            print(f"{type(error).__name__}: {error} {getattr(error, 'done', '')}", file=sys.stderr)
        return {"result": "error", "status": status_of(error), "kind": type(error).__name__}


for line in sys.stdin:
    print("RESULT", json.dumps(run(json.loads(line))), flush=True)
