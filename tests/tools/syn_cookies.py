#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Computes the vectors of docs/cookies.md a second time, from that page's words.
import ipaddress
import re
import struct
import sys

WORD = (1 << 64) - 1
SIZES = [48, 536, 1220, 1360, 1400, 1440, 1460, 8960]
MAC_BITS = 27


def rotate(x, bits):
    return (x << bits | x >> (64 - bits)) & WORD


def sip_round(v):
    v[0] = (v[0] + v[1]) & WORD
    v[1] = rotate(v[1], 13) ^ v[0]
    v[0] = rotate(v[0], 32)
    v[2] = (v[2] + v[3]) & WORD
    v[3] = rotate(v[3], 16) ^ v[2]
    v[0] = (v[0] + v[3]) & WORD
    v[3] = rotate(v[3], 21) ^ v[0]
    v[2] = (v[2] + v[1]) & WORD
    v[1] = rotate(v[1], 17) ^ v[2]
    v[2] = rotate(v[2], 32)


def siphash(key, data):
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        sip_round(v)
        sip_round(v)
        v[0] ^= word
    v[2] ^= 255
    for _ in range(4):
        sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def endpoint(text):
    address, port = text.rsplit(":", 1)
    a = ipaddress.ip_address(address.strip("[]"))
    return a.packed, int(port)


def cookie(row):
    local, peer, isn, period, clock, mss, sack, stamps, scale, ecn = row
    (local, local_port), (peer, peer_port) = endpoint(local), endpoint(peer)
    mode, field = map(int, ecn.split(","))
    period, clock = int(period), int(clock, 16)
    kept = max(i for i in range(8) if SIZES[i] <= int(mss)) << 1 | int(sack)
    octet = 0
    if stamps == "1":
        octet = (15 if scale == "-" else int(scale)) << 4 | field << 2 | mode
    data = local + peer + struct.pack(">HHIIBB", local_port, peer_port, int(isn, 16), period,
                                      kept | int(stamps) << 4, octet)
    mac = siphash(bytes(range(16)), data) & ((1 << MAC_BITS) - 1)
    stamp = clock & ~255 | octet
    stamp -= 256 if stamp > clock else 0
    return f"{(period & 1) << 31 | kept << MAC_BITS | mac:08x}", f"{stamp & 0xFFFFFFFF:08x}" if stamps == "1" else "-"


def main():
    with open(sys.argv[1], encoding="utf-8") as page:
        rows = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in page
                if re.match(r"\| \S+:\d+ \|", line)]
    wrong = [row for row in rows if (row[10], row[11]) != cookie(row[:10])]
    for row in wrong:
        print(f"{row[10]} {row[11]} should be {' '.join(cookie(row[:10]))}")
    if len(rows) < 6 or wrong:
        sys.exit(f"{sys.argv[1]}: {len(rows)} vectors, {len(wrong)} wrong")


if __name__ == "__main__":
    main()
