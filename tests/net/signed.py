#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# A program whose segments the kernel signs: signed.py md5|ao SECRET listen|connect|probe PEER PORT.
#
# listen takes one connection from PEER, reads to its end and answers with the SHA-256; connect opens one to
# PEER, sends its input, and prints the answer; probe says whether the kernel has the option at all.
import errno
import hashlib
import socket
import struct
import sys

TCP_MD5SIG = 14
TCP_AO_ADD_KEY = 38

kind, secret, mode, peer, port = sys.argv[1:6]
family = socket.AF_INET6 if ":" in peer else socket.AF_INET


def storage(address):
    if family == socket.AF_INET6:
        return struct.pack("=HHI16sI100x", family, 0, 0, socket.inet_pton(family, address), 0)
    return struct.pack("=HH4s120x", family, 0, socket.inet_aton(address))


def add_key(s):
    key = secret.encode()
    if kind == "md5":
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG,
                     storage(peer) + struct.pack("=BBHI80s", 0, 0, len(key), 0, key))
        return
    bits = 128 if family == socket.AF_INET6 else 32
    flags = 3 if mode == "connect" else 0  # set_current, set_rnext
    s.setsockopt(socket.IPPROTO_TCP, TCP_AO_ADD_KEY,
                 storage(peer) + struct.pack("=64siIHBBBBBB80s", b"hmac(sha1)", 0, flags, 0, bits, 100, 200,
                                             12, 0, len(key), key))


def listen():
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        add_key(s)
        s.bind(("", int(port)))
        s.listen()
        connection, _ = s.accept()
    digest = hashlib.sha256()
    while part := connection.recv(1 << 20):
        digest.update(part)
    connection.sendall(digest.hexdigest().encode() + b"\n")
    connection.close()


def connect():
    with socket.socket(family) as s:
        add_key(s)
        s.settimeout(60 if mode == "connect" else 2)
        s.connect((peer, int(port)))
        s.sendall(sys.stdin.buffer.read())
        s.shutdown(socket.SHUT_WR)
        while part := s.recv(1 << 20):
            sys.stdout.buffer.write(part)


def probe():
    try:
        with socket.socket(family) as s:
            add_key(s)
    except OSError as e:
        sys.exit(1 if e.errno in (errno.ENOPROTOOPT, errno.EINVAL, errno.EOPNOTSUPP) else 2)


{"listen": listen, "connect": connect, "probe": probe}[mode]()
