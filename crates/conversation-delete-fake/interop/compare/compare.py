"""Plays every case of cases.json for every client and writes what was observed to comparison.json.

Expects the clients to be installed (see ../compare.sh), and talks to loopback only.
"""

import argparse
import concurrent.futures
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import ssl
import subprocess
import tempfile
import threading
import time

import trustme

from server import Stage

HERE = pathlib.Path(__file__).parent
RESULT = HERE / "comparison.json"
KEY = "secret-of-the-comparison"
SECRETS = [KEY, "token-of-the-comparison"]
ELEVENLABS_HOST = "api.elevenlabs.io"
LONGEST = 300  # Seconds after its first request in which a call has to end.


class Driver:
    """A process that deletes with one client, one job a line."""

    def __init__(self, command, environment, folder):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)

    def run(self, job, stage):
        """Returns the report and what was printed before it. A call without an end gets no report."""
        over = threading.Event()
        watchdog = threading.Thread(target=self.end_after, args=(stage, over))
        watchdog.start()
        printed = []
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                if line.startswith("RESULT "):
                    return json.loads(line[7:]), "".join(printed)
                printed.append(line)
        finally:
            over.set()
            watchdog.join()
        if stage.is_older_than(LONGEST):
            return {"result": "no end"}, "".join(printed)
        raise RuntimeError(f"the driver ended on {job}: {''.join(printed)}")

    def end_after(self, stage, over):
        while not over.wait(0.2):
            if stage.is_older_than(LONGEST):
                self.process.kill()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Comparison:
    def __init__(self, arguments, folder):
        self.cases = json.loads((HERE / "cases.json").read_text())
        authority = trustme.CA()
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(ELEVENLABS_HOST).configure_cert(self.tls)
        authority.cert_pem.write_to_path(f"{folder}/authority.pem")
        self.commands = {
            "python": ["python", str(HERE / "driver.py")],
            "javascript": ["node", f"{arguments.javascript}/driver.mjs"],
            "rust": [arguments.rust],
        }
        self.javascript = arguments.javascript
        self.environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self.environment |= {
            # What a client reads or leaves in its user's folder must not be this user's.
            "HOME": folder,
            "PATH": f"{arguments.javascript}/node_modules/.bin:{os.environ['PATH']}",
            "COMPARE_KEY": KEY,
            "COMPARE_AUTHORITY": f"{folder}/authority.pem",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def all_cases(self):
        """Each case once for each group of clients that a table compares, by name."""
        found = {}
        for table in self.cases["tables"]:
            for case in table["cases"]:
                name = case.get("same_as") or case["name"]
                entry = found.setdefault(name, {"groups": set()})
                entry["groups"].add(table.get("of", "vendor"))
                if "name" in case:
                    entry.update(case)
        return list(found.values())

    def concerns(self, case, client):
        vendor = client["vendor"]
        group = vendor if vendor in ("library", "url") else "vendor"
        steps = case.get("steps", ["success"])
        is_playable = all(isinstance(step, dict) or step in self.cases["vendors"][vendor] for step in steps)
        return group in case["groups"] and vendor in case.get("only", [vendor]) and is_playable

    def measure(self):
        """Clients run side by side, the cases of one client in turn, and the slow ones apart."""
        work = []
        for client in self.cases["clients"]:
            cases = [case for case in self.all_cases() if self.concerns(case, client)]
            work.append((client, [case for case in cases if not case.get("alone")]))
            work += [(client, [case]) for case in cases if case.get("alone")]
        facts = {}
        with concurrent.futures.ThreadPoolExecutor(max_workers=len(work)) as pool:
            for client, seen in zip([client for client, _ in work], pool.map(lambda job: self.play_all(*job), work)):
                for name, fact in seen.items():
                    facts.setdefault(name, {})[client["name"]] = fact
        return {name: dict(sorted(facts[name].items())) for name in sorted(facts)}

    def play_all(self, client, cases):
        driver = Driver(self.commands[client["driver"]], self.environment, self.environment["HOME"])
        try:
            return {case["name"]: self.play(driver, client, case) for case in cases}
        finally:
            driver.close()

    def play(self, driver, client, case):
        vendor = self.cases["vendors"][client["vendor"]]
        steps = [vendor[step] if isinstance(step, str) else step for step in case.get("steps", ["success"])]
        stage = Stage(steps, case.get("token"), self.tls)
        job = {
            "client": client["name"],
            "url": stage.vendor_url,
            "id": case["id"] if "id" in case else vendor["id"],
            "repeat": case.get("repeat", 1),
            "debug": case.get("debug"),
        }
        try:
            report, printed = driver.run(job, stage)
            ended = time.monotonic()
        finally:
            stage.close()
        return {name: value for name, value in observed(stage, report, printed, ended, case).items() if value}

    def versions(self):
        """The versions that ran, by the package's name."""
        lock = (HERE / "rust" / "Cargo.lock").read_text()
        locked = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', lock))
        found = {}
        for client in self.cases["clients"]:
            package = client["package"]
            manifest = pathlib.Path(self.javascript) / "node_modules" / package / "package.json"
            if package == "node":
                found[package] = subprocess.check_output(["node", "--version"], text=True).strip().lstrip("v")
            elif manifest.exists():
                found[package] = json.loads(manifest.read_text())["version"]
            elif client["driver"] == "rust":
                found[package] = locked[package]
            else:
                found[package] = importlib.metadata.version(package)
        return {"python": platform.python_version(), **dict(sorted(found.items()))}


def observed(stage, report, printed, ended, case):
    text = report.get("value", "").replace(stage.vendor_url, "").strip()
    times = [request["at"] for request in stage.requests]
    fact = {
        "result": report["result"],
        "status": report.get("status"),
        "kind": report.get("kind"),
        "value": text if len(text) <= 60 else text[:60] + "…",
        "sent": [first_words(request) for request in stage.requests],
        "elsewhere": [first_words(request) for request in stage.elsewhere],
        "secret_elsewhere": any(secret in request["head"] for request in stage.elsewhere for secret in SECRETS),
        "printed_secret": case.get("debug") and any(secret in printed for secret in SECRETS),
        "tokens": stage.tokens if "token" in case else None,
    }
    waited = times[1] - times[0] if len(times) > 1 else None
    # To the nearest ten seconds, so that a busy machine measures the same.
    if case["name"] == "stalled":
        fact["seconds"] = tens(ended - times[0])
    elif waited and case.get("alone"):
        fact["repeated_after"] = tens(waited)
    elif waited:
        fact["too_early"] = waited < stage.retry_after() - 0.05
    return fact


def tens(seconds):
    return 10 * round(seconds / 10)


def first_words(request):
    return " ".join(request["head"].split("\r\n")[0].split(" ")[:2])


def differences(before, after):
    """What was measured otherwise than before, a line each."""
    before, after = [flattened(measured) for measured in (before, after)]
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name}:\n  before: {json.dumps(before.get(name))}\n  now:    {json.dumps(after.get(name))}"


def flattened(measured):
    """Each fact by its case and client, and the version of each package. Node and Python may be of any version."""
    versions = {name: version for name, version in measured["versions"].items() if name not in ("node", "python")}
    facts = {f"{case}, {client}": fact for case, done in measured["facts"].items() for client, fact in done.items()}
    return {**versions, **facts}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--javascript", required=True, help="the folder with node_modules and driver.mjs")
    parser.add_argument("--rust", required=True, help="the driver of the Rust clients")
    parser.add_argument("--check", action="store_true", help="compare with the committed result instead of replacing it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(arguments, folder)
        now = {"date": str(datetime.date.today()), "versions": comparison.versions()}
        now["facts"] = comparison.measure()
    if arguments.check:
        changed = list(differences(json.loads(RESULT.read_text()), now))
        raise SystemExit("\n".join(["measured otherwise than comparison.json has it:", *changed]) if changed else 0)
    RESULT.write_text(one_fact_a_line(now))


def one_fact_a_line(now):
    """JSON with a line for what one client did in one case, so that a change is easy to read."""
    facts = {case: braced(lines_of(clients), 2) for case, clients in now["facts"].items()}
    parts = [("date", json.dumps(now["date"])), ("versions", braced(lines_of(now["versions"]), 1))]
    parts.append(("facts", braced([f"{json.dumps(case)}: {text}" for case, text in facts.items()], 1)))
    return braced([f"{json.dumps(name)}: {text}" for name, text in parts], 0) + "\n"


def lines_of(values):
    return [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]


def braced(lines, depth):
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    return "{" + ",".join(inner + line for line in lines) + outer + "}"


if __name__ == "__main__":
    main()
