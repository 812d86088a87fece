"""State proofs of Ethereum for make.py: Keccak, RLP and tries, from their specifications alone.

FIPS 202 (with Keccak's own padding) and the Yellow Paper's appendices B, C and D.
"""

import struct

MASK = (1 << 64) - 1


def rotate(word, count):
    return (word << count | word >> (64 - count)) & MASK if count else word


def round_constants():
    """Bits from the linear feedback shift register of FIPS 202, section 3.2.5."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


def permute(a):
    for constant in round_constants():
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ d[i % 5] for i in range(25)]
        x, y, moved = 1, 0, [a[0]] + [0] * 24
        for t in range(24):
            moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y], (t + 1) * (t + 2) // 2 % 64)
            x, y = y, (2 * x + 3 * y) % 5
        b = moved
        a = [b[i] ^ (~b[i // 5 * 5 + (i + 1) % 5] & b[i // 5 * 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= constant
    return a


def keccak256(message):
    padded = bytearray(message + bytes(136 - len(message) % 136))
    padded[len(message)] ^= 0x01
    padded[-1] ^= 0x80
    state = [0] * 25
    for at in range(0, len(padded), 136):
        block = struct.unpack("<17Q", padded[at : at + 136])
        state = permute([lane ^ word for lane, word in zip(state, block + (0,) * 8)])
    return struct.pack("<4Q", *state[:4])


assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def shortest(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def header(base, length):
    return bytes([base + length]) if length < 56 else bytes([base + 55 + len(shortest(length))]) + shortest(length)


def rlp(item):
    if isinstance(item, int):
        return rlp(shortest(item))
    if isinstance(item, Encoded):
        return bytes(item)
    if isinstance(item, list):
        payload = b"".join(map(rlp, item))
        return header(0xC0, len(payload)) + payload
    return item if len(item) == 1 and item[0] < 0x80 else header(0x80, len(item)) + item


class Encoded(bytes):
    """RLP that stands as it is: a node inside its parent."""


def nibbles(key):
    return [half for byte in key for half in (byte >> 4, byte & 15)]


def compact(path, is_leaf):
    flag = 2 * is_leaf + len(path) % 2
    path = [flag] + path if len(path) % 2 else [flag, 0] + path
    return bytes(high << 4 | low for high, low in zip(path[::2], path[1::2]))


class Trie:
    """Entries by key; nodes are made from all entries each time."""

    def __init__(self, entries):
        self.entries = [(nibbles(key), value) for key, value in sorted(entries.items())]

    def root(self):
        return keccak256(self.node(self.entries, 0)) if self.entries else keccak256(b"\x80")

    def node(self, entries, depth, seen=None, key=None):
        """The node over entries that agree before `depth`. Nodes on the way to `key` go to `seen`."""
        on_path = key is not None and seen is not None
        if len(entries) == 1:
            path, value = entries[0]
            encoded = rlp([compact(path[depth:], True), value])
        else:
            first, last = entries[0][0], entries[-1][0]
            shared = depth
            while shared < min(len(first), len(last)) and first[shared] == last[shared]:
                shared += 1
            if shared > depth:
                on = on_path and key[depth:shared] == first[depth:shared]
                encoded = rlp([compact(first[depth:shared], False), self.child(entries, shared, seen, key if on else None)])
            else:
                items = []
                for nibble in range(16):
                    below = [(path, value) for path, value in entries if len(path) > depth and path[depth] == nibble]
                    on = on_path and key[depth] == nibble
                    items.append(self.child(below, depth + 1, seen, key if on else None) if below else b"")
                encoded = rlp(items + [next((value for path, value in entries if len(path) == depth), b"")])
        if on_path and (depth == 0 or len(encoded) >= 32):
            seen.add(encoded)
        return encoded

    def child(self, entries, depth, seen, key):
        encoded = self.node(entries, depth, seen, key)
        return Encoded(encoded) if len(encoded) < 32 else keccak256(encoded)

    def proof(self, key):
        seen = set()
        if self.entries:
            self.node(self.entries, 0, seen, nibbles(key))
        return seen


def number(value):
    return struct.pack("<Q", value)


def encode_state_proof(nodes):
    in_order = sorted(nodes, key=keccak256)
    return number(len(in_order)) + b"".join(number(len(n)) + n + bytes(-len(n) % 8) for n in in_order)


def word(value):
    return value.to_bytes(32, "big")


def receipt(kind, status, gas, logs):
    """The Bloom filter is left empty: a proof does not look at it."""
    fields = rlp([status, gas, bytes(256), [[address, topics, data] for address, topics, data in logs]])
    return fields if kind == 0 else bytes([kind]) + fields


def make():
    contract, other, absent = bytes([0x11] * 20), bytes([0x22] * 20), bytes([0x33] * 20)
    text = b"a text that takes two slots, as it has 45 bytes"
    mapping = keccak256(absent.rjust(32, b"\0") + word(3))
    data = int.from_bytes(keccak256(word(4)), "big")
    storage = {0: 2**256 - 1, 1: 2**64, int.from_bytes(mapping, "big"): 7, 4: 2 * len(text) + 1}
    storage |= {data + i: int.from_bytes(text[32 * i : 32 * i + 32].ljust(32, b"\0"), "big") for i in range(2)}
    storage |= {slot: slot for slot in range(100, 140)}
    slots = Trie({keccak256(word(slot)): rlp(value) for slot, value in storage.items()})
    code = keccak256(b"code")
    account = [2**64 - 1, 2**256 - 1, slots.root(), code]
    accounts = {contract: account, other: [0, 0, keccak256(b"\x80"), keccak256(b"")]}
    accounts |= {bytes([i] * 20): [i, 10**18 * i, keccak256(b"\x80"), keccak256(b"")] for i in range(100, 160)}
    state = Trie({keccak256(address): rlp(fields) for address, fields in accounts.items()})
    asked = [0, 1, int.from_bytes(mapping, "big"), 4, data, data + 1, 2]
    nodes = set().union(*(state.proof(keccak256(address)) for address in (contract, other, absent)))
    nodes |= set().union(*(slots.proof(keccak256(word(slot))) for slot in asked))

    log = (contract, [keccak256(b"Event(uint256)"), word(5)], word(6))
    receipts = [receipt(i % 5, i % 2, 21000 * (i + 1), [log] * (i % 4)) for i in range(200)]
    block = Trie({rlp(i): value for i, value in enumerate(receipts)})
    shown = [0, 1, 2, 3, 127, 128, 199, 200]
    return {
        "state_root": state.root(),
        "contract": contract,
        "nonce": str(account[0]),
        "balance": word(account[1]),
        "code_hash": code,
        "empty_account": other,
        "absent_account": absent,
        "slots": [{"slot": word(slot), "value": word(storage.get(slot, 0))} for slot in asked],
        "mapping": {"slot": word(3), "key": absent, "entry": mapping},
        "string": {"slot": word(4), "value": text},
        "proof": encode_state_proof(nodes),
        "receipts_root": block.root(),
        "receipts": [
            {
                "index": str(i),
                "type": str(i % 5),
                "status": str(i % 2),
                "cumulative_gas_used": str(21000 * (i + 1)),
                "logs": str(i % 4),
                "is_present": "yes" if i < len(receipts) else "no",
            }
            for i in shown
        ],
        "log": {"address": log[0], "topics": log[1], "data": log[2]},
        "receipts_proof": encode_state_proof(set().union(*(block.proof(rlp(i)) for i in shown))),
    }
