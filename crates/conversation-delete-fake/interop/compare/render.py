"""Writes the tables of docs/comparison.md and README.md from comparison.json, between their markers; with --check, compares
them."""

import difflib
import json
import pathlib
import re
import sys
import urllib.parse

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[3]
PAGE = ROOT / "docs" / "comparison.md"
README = ROOT / "README.md"
CASES = json.loads((HERE / "cases.json").read_text())
MEASURED = json.loads((HERE / "comparison.json").read_text())
TITLES = {"corti": "Corti", "fini": "Fini", "elevenlabs": "ElevenLabs", "tavus": "Tavus"}
LONGEST_VALUE = 32


def target(fact, case, vendor):
    """What was asked for an id."""
    if fact["result"] == "not possible":
        return "not possible", True
    asked = fact.get("sent", [])
    if not asked:
        return "refused", True
    is_right = is_own_path(asked[0].split(" ")[1], case["id"], vendor)
    return "encoded" if is_right else f"`{asked[0]}`", is_right


def path(fact, case, vendor):
    """The path that a library built for an id."""
    return f"`{fact['value']}`", is_own_path(fact["value"], case["id"], vendor)


def is_own_path(asked, record, vendor):
    """Whether the path is that of the collection and one more segment, which is the id."""
    segment = asked.removeprefix(vendor["collection"])
    is_below = asked.startswith(vendor["collection"]) and not re.search("[/?#]", segment)
    return is_below and bool(segment) and urllib.parse.unquote(segment) == record


def report(fact, case, vendor):
    """What a caller is told, and how often the client asked."""
    count = len(fact.get("sent", []))
    text = outcome(fact) + (f", {count} requests" if count > 1 else "")
    if case["table"] == "retry":
        early = fact.get("too_early", False)
        return text + (", too early" if early else ""), fact["result"] == "success" and not early
    last = case["steps"][-1]
    status = (vendor[last] if isinstance(last, str) else last)["status"]
    return text, fact["result"] == "error" and fact.get("status") == status


def outcome(fact):
    if fact["result"] == "error":
        return f"error {fact['status']}" if "status" in fact else "error, no status"
    value = " ".join(fact.get("value", "").split())
    if value in ("", "{}", '"{}"'):
        return "success"
    shown = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return f"success: `{shown}`"


def redirect(fact, case, vendor):
    """Whether a client goes to another host, and with what."""
    reached = fact.get("elsewhere", [])
    if not reached:
        return f"not followed; {outcome(fact)}", fact["result"] == "error"
    method = reached[0].split(" ")[0]
    secret = " with the secret" if fact.get("secret_elsewhere") else ""
    return f"{method}{secret}; {outcome(fact)}", False


def wait(fact, case, vendor):
    """When a client repeats a request, or gives up."""
    if case["name"] == "stalled":
        count = len(fact["sent"])
        limit = f"{fact['seconds']} s, requests: {count}"
        return ("none in 300 s", False) if fact["result"] == "no end" else (limit, True)
    after = fact.get("repeated_after")
    return (f"repeated after {after} s", after >= 90) if after else (f"not repeated; {outcome(fact)}", True)


def secret(fact, case, vendor):
    """Whether a secret is printed, or how many tokens are fetched."""
    if "token" in case:
        return str(fact["tokens"]), fact["tokens"] == 1
    return ("printed", False) if fact.get("printed_secret") else ("not printed", True)


CELLS = {function.__name__: function for function in (target, path, report, redirect, wait, secret)}


def columns(table):
    """The clients of each column, by its heading; our crates share one."""
    kind = table.get("of", "vendor")
    chosen = [c for c in CASES["clients"] if c["vendor"] == kind or kind == "vendor" and c["vendor"] not in ("library", "url")]
    found = {client["column"]: [client] for client in chosen if "column" in client}
    ours = [client for client in chosen if "ours" in client]
    return found | ({"these crates": ours} if ours else {})


def judged(table, case, client):
    """What a client did in a case, and whether that is right; nothing if it was not tried."""
    fact = MEASURED["facts"][case["name"]].get(client["name"])
    return fact and CELLS[table["cell"]](fact, case, CASES["vendors"][client["vendor"]])


def cell(table, case, clients):
    """One cell. If our crates differ, it names each."""
    texts = {}
    for client in clients:
        if found := judged(table, case, client):
            text, is_right = found
            text = text.replace("|", "\\|")
            texts.setdefault(text if is_right else f"**{text}**", []).append(client.get("ours"))
    if len(texts) == 1:
        return next(iter(texts))
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in texts.items()) or "–"


def full_case(table, case):
    """A case with what it shares with another one, and with its table."""
    name = case.get("same_as", case.get("name"))
    found = next(c for t in CASES["tables"] for c in t["cases"] if c.get("name") == name)
    return {"table": table["name"], "steps": ["success"], **found}


def rows(table):
    used = {heading: clients for heading, clients in columns(table).items() if any(
        cell(table, full_case(table, case), clients) != "–" for case in table["cases"])}
    right = [] if "good" in table else ["right"]
    tests = ["our test"] if "these crates" in used else []
    yield [table["first"], *right, *used, *tests]
    for case in table["cases"]:
        case = full_case(table, case)
        cells = [cell(table, case, clients) for clients in used.values()]
        test = [f"`{case['test']}`" if "test" in case else "–"] if tests else []
        yield [case["title"], *[case["good"] for _ in right], *cells, *test]


def verdicts(client):
    """Whether a client was right, by the name of the case."""
    tables = [table for table in CASES["tables"] if table.get("of", "vendor") == "vendor"]
    found = {case["name"]: judged(table, full_case(table, case), client) for table in tables for case in table["cases"]}
    return {name: verdict[1] for name, verdict in found.items() if verdict}


def client_rows():
    yield ["vendor", "client", "made by", "version", "right in"]
    for client in CASES["clients"]:
        if client["vendor"] in TITLES:
            right = verdicts(client).values()
            version = MEASURED["versions"][client["package"]]
            by = client.get("by", "this repository")
            yield [TITLES[client["vendor"]], f"`{client['package']}`", by, version, f"{sum(right)} of {len(right)} cases"]


def well_rows():
    others = [client for client in CASES["clients"] if "by" in client]
    yield ["they", *[client["column"] for client in others]]
    for row in CASES["well"]:
        right = [verdicts(client) for client in others]
        yield [row["title"], *["yes" if all(found[case] for case in row["cases"]) else "no" for found in right]]


def readme_rows():
    yield ["situation", "clients that differ", "these crates"]
    for row in CASES["readme"]:
        table, case = next((t, full_case(t, c)) for t in CASES["tables"] for c in t["cases"] if c.get("name") == row["case"])
        tried = [client for client in CASES["clients"] if judged(table, case, client)]
        others = [client for client in tried if "by" in client]
        differ = [client for client in others if not judged(table, case, client)[1]]
        ours = [client for client in tried if "ours" in client]
        yield [row["title"], summary(table, case, differ, len(others)), summary(table, case, ours)]


def summary(table, case, clients, tried=0):
    """What clients did, in words, each with its names."""
    texts = {}
    for client in clients:
        fact = MEASURED["facts"][case["name"]][client["name"]]
        text = in_words(fact, judged(table, case, client)[0], table["cell"])
        texts.setdefault(text, []).append(client.get("ours", client.get("column")))
    if len(texts) == 1 and "ours" in clients[0]:
        return next(iter(texts))
    if len(texts) == 1 and len(clients) == tried > 1:
        return f"all: {next(iter(texts))}"
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in texts.items())


def in_words(fact, text, kind):
    if kind == "redirect":
        followed = "followed" if fact.get("elsewhere") else f"not followed, {fact['result']}"
        return followed + (" with the secret" if fact.get("secret_elsewhere") else "")
    if kind == "report":
        text = "`Gone`" if fact.get("value") == "Gone" else outcome(fact).split(":")[0]
        return re.sub(r"^error (\d+)$", r"error with status \1", text)
    return f"sends {text}" if text.startswith("`") else text


def markdown(lines):
    heading, *rest = lines
    return "\n".join(f"| {' | '.join(line)} |" for line in [heading, ["---"] * len(heading), *rest])


def generated():
    """The text of each marked place, by its name."""
    versions = MEASURED["versions"]
    places = {
        "measured": f"Measured on {MEASURED['date']} with Node {versions['node']} and Python {versions['python']}.",
        "clients": markdown(client_rows()),
        "well": markdown(well_rows()),
        "libraries": f"Node {versions['node']}, httpx {versions['httpx']}, requests {versions['requests']}, "
        f"reqwest {versions['reqwest']}, url {versions['url']}.",
    }
    for table in CASES["tables"]:
        good = f"Right: {table['good']}.\n\n" if "good" in table else ""
        places[table["name"]] = good + markdown(rows(table))
    return places


def page_with(page, places):
    text = page.read_text()
    for name, content in places.items():
        marked = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.S)
        text, count = marked.subn(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text)
        if count != 1:
            raise SystemExit(f"{page.name} has {count} places for {name}, not one")
    return text


def missing_tests():
    source = "\n".join(file.read_text() for file in (ROOT / "crates").glob("*/**/*.rs"))
    named = {case["test"] for table in CASES["tables"] for case in table["cases"] if "test" in case}
    return sorted(name for name in named if not re.search(rf"fn {name}\b", source))


def main():
    if missing := missing_tests():
        raise SystemExit(f"cases.json names tests that do not exist: {', '.join(missing)}")
    for page, places in ((PAGE, generated()), (README, {"readme": markdown(readme_rows())})):
        before, after = page.read_text(), page_with(page, places)
        if "--check" not in sys.argv[1:]:
            page.write_text(after)
        elif before != after:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), page.name, "measured", lineterm="")
            raise SystemExit("\n".join(lines))


if __name__ == "__main__":
    main()
