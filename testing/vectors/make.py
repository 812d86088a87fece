#!/usr/bin/env python3
"""Makes vectors.json from the layouts in docs/protocol.md, independently of the Rust code."""

import hashlib
import json
import pathlib
import struct
import sys

import ethereum

MASK = 0xFFFFFFFF


def rotate(word, count):
    return (word >> count | word << (32 - count)) & MASK


def primes(count):
    found, candidate = [], 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def root_fraction(number, degree):
    """The first 32 bits of the fraction of the square or cube root, in integers."""
    scaled, root = number << (32 * degree), 0
    for bit in reversed(range(40)):
        if (root | 1 << bit) ** degree <= scaled:
            root |= 1 << bit
    return root & MASK


INITIAL = [root_fraction(prime, 2) for prime in primes(8)]
ROUND = [root_fraction(prime, 3) for prime in primes(64)]


def compress(state, block):
    w = list(struct.unpack(">16I", block))
    for i in range(16, 64):
        s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
        s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
        w.append((w[i - 16] + s0 + w[i - 7] + s1) & MASK)
    a, b, c, d, e, f, g, h = state
    for i in range(64):
        t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & MASK & g) + ROUND[i] + w[i]
        t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (t1 + t2) & MASK, a, b, c, (d + t1) & MASK, e, f, g
    return [(x + y) & MASK for x, y in zip(state, [a, b, c, d, e, f, g, h])]


def pad(message):
    return message + b"\x80" + bytes(-(len(message) + 9) % 64) + struct.pack(">Q", 8 * len(message))


def sha256(message):
    state, padded = INITIAL, pad(message)
    for at in range(0, len(padded), 64):
        state = compress(state, padded[at : at + 64])
    digest = struct.pack(">8I", *state)
    assert digest == hashlib.sha256(message).digest()
    return digest


def blake3(message):
    """BLAKE3 of at most one block."""
    assert len(message) <= 64
    m = list(struct.unpack("<16I", message.ljust(64, b"\0")))
    v = INITIAL + INITIAL[:4] + [0, 0, len(message), 1 | 2 | 8]

    def mix(a, b, c, d, x, y):
        v[a] = (v[a] + v[b] + x) & MASK
        v[d] = rotate(v[d] ^ v[a], 16)
        v[c] = (v[c] + v[d]) & MASK
        v[b] = rotate(v[b] ^ v[c], 12)
        v[a] = (v[a] + v[b] + y) & MASK
        v[d] = rotate(v[d] ^ v[a], 8)
        v[c] = (v[c] + v[d]) & MASK
        v[b] = rotate(v[b] ^ v[c], 7)

    for _ in range(7):
        for column in range(4):
            mix(column, 4 + column, 8 + column, 12 + column, m[2 * column], m[2 * column + 1])
        for i in range(4):
            mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[8 + 2 * i], m[9 + 2 * i])
        m = [m[i] for i in (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)]
    return struct.pack("<8I", *(v[i] ^ v[i + 8] for i in range(8)))


TAG = b"valence-coprocessor/1/"


def initial(tree, index):
    message = TAG + b"node/" + tree + b"/" + bytes([index])
    state = compress(INITIAL, pad(message))
    assert struct.pack(">8I", *state) == hashlib.sha256(message).digest()
    return state


def node(tree, index, left, right):
    return struct.pack(">8I", *compress(initial(tree, index), left + right))


def block_leaf(block):
    payload = sha256(block["payload"])
    return sha256(TAG + b"block" + struct.pack(">Q", block["number"]) + block["state_root"] + payload)


def domain_leaf(domain, root, head):
    return sha256(TAG + b"domain" + domain + root + head)


def bit(key, index):
    return key[index // 8] >> (7 - index % 8) & 1


def parting(left, right):
    return next(i for i in range(8 * len(left)) if bit(left, i) != bit(right, i))


def tree_root(tree, leaves, wanted=None):
    """Root of {key: leaf}, and the path of a key: [(index, sibling)] from the root down."""
    keys = sorted(leaves)
    if len(keys) == 1:
        return leaves[keys[0]], []
    index = parting(keys[0], keys[-1])
    sides = [{k: v for k, v in leaves.items() if bit(k, index) == side} for side in (0, 1)]
    (left, left_path), (right, right_path) = (tree_root(tree, side, wanted) for side in sides)
    path = []
    if wanted is not None:
        side = bit(wanted, index)
        path = [(index, (right, left)[side])] + (left_path, right_path)[side]
    return node(tree, index, left, right), path


def number(value):
    return struct.pack("<Q", value)


def padded(data):
    return data + bytes(-len(data) % 8)


def encode_node(digest):
    return b"".join(digest[at : at + 4][::-1] for at in range(0, 32, 4))


def encode_path(path):
    indices = bytes(index for index, _ in path)
    return number(len(path)) + padded(indices) + b"".join(encode_node(s) for _, s in path)


def encode_block_leaf(block):
    return number(block["number"]) + block["state_root"] + sha256(block["payload"])


class History:
    """Keeps every block and computes every tree from scratch."""

    def __init__(self):
        self.domains, self.root = {}, bytes(32)

    def block_leaves(self, domain):
        return {struct.pack(">Q", b["number"]): block_leaf(b) for b in self.domains[domain]}

    def domain_root(self, domain, wanted=None):
        wanted = None if wanted is None else struct.pack(">Q", wanted)
        return tree_root(b"domain", self.block_leaves(domain), wanted)

    def head(self, domain):
        return self.domains[domain][-1]["head"]

    def history_root(self, wanted=None):
        leaves = {d: domain_leaf(d, self.domain_root(d)[0], self.head(d)) for d in self.domains}
        return tree_root(b"history", leaves, wanted)

    def opening(self, domain, wanted):
        domain_part, history_part = self.domain_root(domain, wanted)[1], self.history_root(domain)[1]
        return self.head(domain) + encode_path(domain_part) + encode_path(history_part)

    def place(self, domain):
        if not self.domains:
            return number(0)
        if domain not in self.domains:
            common = lambda other: parting(domain, other)
            neighbour = max(self.domains, key=lambda other: (common(other), self.depth_rule(domain, other)))
            leaf = neighbour + self.domain_root(neighbour)[0] + self.head(neighbour)
            return number(1) + leaf + encode_path(self.history_root(neighbour)[1])
        newest = self.domains[domain][-1]
        domain_part = encode_path(self.domain_root(domain, newest["number"])[1])
        return (
            number(2)
            + encode_block_leaf(newest)
            + domain_part
            + self.head(domain)
            + encode_path(self.history_root(domain)[1])
        )

    def depth_rule(self, domain, other):
        """Among equally near neighbours the ledger takes the one that the new key's bits lead to."""
        indices = [index for index, _ in self.history_root(other)[1]]
        return [bit(domain, index) == bit(other, index) for index in indices]

    def append(self, block):
        place = self.place(block["domain"])
        self.domains.setdefault(block["domain"], []).append(block)
        self.root = self.history_root()[0]
        return b"VALAPP\0\1" + block["domain"] + encode_block_leaf(block) + block["head"] + place


def encode_state_proof(block, proof, opening):
    return (
        number(1)
        + block["domain"]
        + number(block["number"])
        + block["state_root"]
        + number(len(block["payload"]))
        + padded(block["payload"])
        + number(len(proof))
        + padded(proof)
        + opening
    )


def readable(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    return [readable(item) for item in value] if isinstance(value, list) else value


def make():
    domains = [blake3(b"\0domain" + name) for name in (b"ethereum-mainnet", b"a", b"z-9")]
    plan = [(0, 7), (0, 8), (1, 0), (0, 9), (0, 16), (2, 2**64 - 2), (1, 5), (0, 2**40), (2, 2**64 - 1)]
    history, appends, blocks = History(), [], []
    for step, (which, height) in enumerate(plan):
        block = {
            "domain": domains[which],
            "number": height,
            "state_root": sha256(b"state %d" % step),
            "payload": bytes(range(step * 23)),
            "head": sha256(b"head %d" % step),
        }
        previous = history.root
        encoding = history.append(block)
        blocks.append(block)
        openings = [{"block": i, "encoding": history.opening(b["domain"], b["number"])} for i, b in enumerate(blocks)]
        appends.append(
            {
                "block": {**block, "number": str(height)},
                "previous": previous,
                "root": history.root,
                "domain_root": history.domain_root(domains[which])[0],
                "append": encoding,
                "openings": openings,
            }
        )
    shown, proof, data = blocks[3], bytes(range(13)), b"plain data"
    opening = history.opening(shown["domain"], shown["number"])
    witnesses = [encode_state_proof(shown, proof, opening), number(0) + number(len(data)) + padded(data)]
    witness_input = b"VALWIT\0\1" + history.root + number(2) + b"".join(witnesses)
    left, right = sha256(b"left"), sha256(b"right")
    nodes = [(b"domain", i) for i in (0, 1, 31, 63)] + [(b"history", i) for i in (0, 63, 64, 255)]
    return {
        "sha256": [{"message": bytes(n), "digest": sha256(bytes(n))} for n in (0, 1, 55, 56, 63, 64, 65, 119, 120, 4096)],
        "domain_ids": [{"name": n, "id": i} for n, i in zip(("ethereum-mainnet", "a", "z-9"), domains)],
        "circuit_ids": [{"elf": b"\x7fELF", "nonce": str(n), "id": blake3(b"\0controller\x7fELF" + number(n))} for n in (0, 7, 2**63)],
        "nodes": [
            {"tree": t.decode(), "index": i, "left": left, "right": right, "node": node(t, i, left, right)} for t, i in nodes
        ],
        "history": appends,
        "ethereum": ethereum.make(),
        "witnesses": {"block": 3, "proof": proof, "data": data, "input": witness_input, "public_values": history.root + data},
    }


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("vectors.json")
    text = json.dumps(readable(make()), indent=1) + "\n"
    if "--check" in sys.argv:
        sys.exit(0 if path.read_text() == text else f"{path} differs from what the layouts give")
    path.write_text(text)
