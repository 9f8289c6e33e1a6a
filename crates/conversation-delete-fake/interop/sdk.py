"""Deletes at the fakes with the vendors' own Python clients."""

import json
import os
import sys
import urllib.request


def control(vendor, method, route, body=None):
    origin = os.environ[f"{vendor.upper()}_BASE_URL"]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{origin}/__fake/{route}", data, {"content-type": "application/json"}, method=method)
    return json.load(urllib.request.urlopen(request))


def seeded(vendor):
    return control(vendor, "POST", "records", {"count": 1})["ids"][0]


def state(vendor, record):
    return next(r["state"] for r in control(vendor, "GET", "records") if r["id"] == record)


def elevenlabs():
    from elevenlabs import ElevenLabs

    client = ElevenLabs(api_key=os.environ["ELEVENLABS_API_KEY"], base_url=os.environ["ELEVENLABS_BASE_URL"])
    record = seeded("elevenlabs")
    assert client.conversational_ai.conversations.get(conversation_id=record).conversation_id == record
    client.conversational_ai.conversations.delete(conversation_id=record)
    assert state("elevenlabs", record) == "deleted"
    try:
        client.conversational_ai.conversations.delete(conversation_id=record)
    except Exception as error:
        assert error.status_code == 404, error
        assert error.body["detail"]["code"] == "conversation_not_found", error
    else:
        raise AssertionError("a second delete succeeded")


def tavus():
    import asyncio

    from tavus_mcp.sdk.client.http import TavusClient
    from tavus_mcp.sdk.errors import TavusApiError

    # The vendor's client wants the version in its base URL, and knows no `hard`.
    os.environ["TAVUS_PUBLIC_API_BASE_URL"] = os.environ["TAVUS_BASE_URL"] + "/v2"

    async def deletes():
        client = TavusClient.from_env()
        record = seeded("tavus")
        assert (await client.conversations.get(record))["conversation_id"] == record
        assert await client.conversations.delete(record) is None
        assert state("tavus", record) == "soft_deleted"
        await client.request("DELETE", f"/conversations/{record}", params={"hard": "true"})
        assert state("tavus", record) == "deleted"
        try:
            await client.conversations.delete(record)
        except TavusApiError as error:
            assert error.status_code == 400, error
        else:
            raise AssertionError("a delete of what is gone succeeded")

    asyncio.run(deletes())


def main():
    failed = False
    for check in (elevenlabs, tavus):
        try:
            check()
            print(f"ok   {check.__name__} (Python)")
        except Exception as error:
            failed = True
            print(f"FAIL {check.__name__} (Python): {type(error).__name__}: {error}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
