"""Tests code that deletes at Tavus against a fake, with the standard library alone."""

import json
import subprocess
import unittest
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def erase(base_url, key, conversation_id):
    """The code under test: deletes one conversation, and repeats a delete whose response was lost."""
    request = Request(f"{base_url}/v2/conversations/{conversation_id}?hard=true", method="DELETE")
    request.add_header("x-api-key", key)
    try:
        urlopen(request).close()
    except HTTPError:
        raise
    except OSError:
        try:
            urlopen(request).close()
        except HTTPError as error:
            if b"Invalid conversation_id" not in error.read():
                raise


class EraseTest(unittest.TestCase):
    def setUp(self):
        command = ["conversation-delete", "fake", "--count", "0"]
        self.fakes = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.stop)
        lines = iter(self.fakes.stdout.readline, "")
        self.env = {}
        while "TAVUS_BASE_URL" not in self.env:
            name, value = next(lines).strip().split("=", 1)
            self.env[name] = value
        self.ids = self.control("records", {"count": 2})["ids"]

    def stop(self):
        self.fakes.terminate()
        self.fakes.wait()
        self.fakes.stdout.close()

    def control(self, what, body=None):
        """Calls the fake's control API."""
        data = json.dumps(body).encode() if body else None
        with urlopen(f"{self.env['TAVUS_BASE_URL']}/__fake/{what}", data=data) as response:
            return json.load(response)

    def states(self):
        return [record["state"] for record in self.control("records")]

    def test_a_record_is_deleted_and_no_other(self):
        erase(self.env["TAVUS_BASE_URL"], self.env["TAVUS_API_KEY"], self.ids[0])
        self.assertEqual(self.states(), ["deleted", "present"])

    def test_a_lost_response_does_not_lose_the_deletion(self):
        self.control("faults", {"kind": "close", "route": "delete", "effect": True, "times": 1})
        erase(self.env["TAVUS_BASE_URL"], self.env["TAVUS_API_KEY"], self.ids[0])
        self.assertEqual(self.states(), ["deleted", "present"])
        self.assertEqual(self.control("faults")[0]["hits"], 1)

    def test_a_wrong_key_is_an_error(self):
        with self.assertRaises(HTTPError):
            erase(self.env["TAVUS_BASE_URL"], "wrong", self.ids[0])
        self.assertEqual(self.states(), ["present", "present"])


if __name__ == "__main__":
    unittest.main()
