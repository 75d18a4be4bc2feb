#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# A program on the kernel's TCP: takes one connection, reads to its end, and only then answers with the SHA-256.
import hashlib
import socket
import sys

listener = socket.create_server(("", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
connection, _ = listener.accept()
digest = hashlib.sha256()
room = bytearray(1 << 20)
while n := connection.recv_into(room):
    digest.update(memoryview(room)[:n])
# The other side has closed its half and must still be listening.
connection.sendall(digest.hexdigest().encode() + b"\n")
connection.close()
