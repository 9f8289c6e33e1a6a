"""An independent reader of evidence bundles, written from the specifications alone, to test the crate against.

RFC 6962 (tree), RFC 8032 (Ed25519), RFC 8785 (JSON), c2sp.org/signed-note, c2sp.org/tlog-proof. It uses no packages.
Usage: evidence.py BUNDLE VERIFIER_KEY [INDEX.json INDEX.tlog-proof]... Prints what it found as JSON, or fails.
"""

import base64
import hashlib
import json
import sys
import zipfile

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def sha(data):
    return hashlib.sha256(data).digest()


def add(a, b):
    """Adds two points in extended coordinates."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    g, h = 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def decode_point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    assert y < P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0, "not a point"
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def check_ed25519(key, text, signature):
    r, s = decode_point(signature[:32]), int.from_bytes(signature[32:], "little")
    assert s < ORDER
    hashed = hashlib.sha512(signature[:32] + key + text).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    assert equal(multiply(s, BASE), add(r, multiply(challenge, decode_point(key)))), "signature"


def tree_hash(leaves):
    """MTH of section 2.1 of RFC 6962."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))


def path(m, leaves):
    """PATH of section 2.1.1 of RFC 6962."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return path(m, leaves[:k]) + [tree_hash(leaves[k:])]
    return path(m - k, leaves[k:]) + [tree_hash(leaves[:k])]


def open_note(note, verifier):
    """Returns the text of a note that the key signed in the name of the first line, which begins with the key's name."""
    name, _, key = verifier.split("+", 2)
    key = base64.b64decode(key)
    assert key[0] == 1 and len(key) == 33
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin = text.split("\n")[0]
    assert origin.rsplit("/", 1)[0] == name, origin
    key_id = sha(origin.encode() + b"\n" + key)[:4]
    line, = signatures.splitlines()
    dash, signer, signature = line.split(" ")
    signature = base64.b64decode(signature, validate=True)
    assert (dash, signer, signature[:4]) == ("—", origin, key_id)
    check_ed25519(key[1:], text.encode(), signature[4:])
    return text.split("\n")[:3]


def check_bundle(bundle, verifier):
    files = {name: bundle.read(name) for name in bundle.namelist()}
    assert sorted(files) == ["README.txt", "checkpoint", "manifest.json", "records.jsonl", "report.html"]
    origin, size, root = open_note(files["checkpoint"].decode(), verifier)
    assert origin.rsplit("/", 1)[1] == sha(files["manifest.json"]).hex()
    manifest = json.loads(files["manifest.json"])
    hashes = dict(manifest["files"], **{"records.jsonl": manifest["about"]["records"]["sha256"]})
    for name, expected in hashes.items():
        assert sha(files[name]).hex() == expected, name
    leaves = files["records.jsonl"].split(b"\n")
    assert leaves.pop() == b"" and len(leaves) == int(size)
    assert base64.b64encode(tree_hash(leaves)).decode() == root == manifest["about"]["records"]["root"]
    for index, leaf in enumerate(leaves):
        record = json.loads(leaf)
        assert record["index"] == index
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert canonical.encode() == leaf, leaf
    return leaves, root


def check_proof(line, proof, verifier, leaves, root):
    head, _, checkpoint = proof.partition("\n\n")
    version, index, *hashes = head.split("\n")
    assert version == "c2sp.org/tlog-proof@v1"
    index = int(index.removeprefix("index "))
    assert leaves[index] == line
    assert [base64.b64decode(text) for text in hashes] == path(index, leaves)
    assert open_note(checkpoint, verifier)[1:] == [str(len(leaves)), root]


def main():
    name, verifier, *proofs = sys.argv[1:]
    leaves, root = check_bundle(zipfile.ZipFile(name), verifier)
    for record, proof in zip(proofs[::2], proofs[1::2]):
        with open(record, "rb") as line, open(proof, encoding="utf-8") as text:
            check_proof(line.read(), text.read(), verifier, leaves, root)
    print(json.dumps({"records": len(leaves), "root": root, "proofs": len(proofs) // 2}))


main()
