#!/usr/bin/env python3
"""Plays the paths of http_transport_contract.h. Prints its port, ends with its standard input."""

import itertools
import socket
import sys
import threading

connections = itertools.count(1)
lock = threading.Lock()
counters = {"written": 0, "vanished": 0}


def read_request(stream):
    line = stream.readline(65536)
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while (line := stream.readline(65536)) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return method, path, headers, body


def reply(sock, status, body, extra=""):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    sock.sendall(head.encode("latin-1") + body)


def flood(sock, total):
    sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n".encode())
    piece = b"x" * 65536
    while total > 0:
        sent = sock.send(piece[: min(len(piece), total)])
        total -= sent
        with lock:
            counters["written"] += sent


def answer(sock, stream, number):
    """False: the connection ends."""
    request = read_request(stream)
    if request is None:
        return False
    method, path, headers, body = request
    if path == "/hello":
        reply(sock, "200 OK", b"hello", f"X-Mixed-Case: Yes\r\nX-Connection: {number}\r\n")
    elif path == "/missing":
        reply(sock, "404 Not Found", b"no such page")
    elif path == "/echo":
        text = f"{method}\n{headers.get('x-test', '')}\n".encode()
        reply(sock, "200 OK", text + body)
    elif path == "/headers":
        names = sorted(headers)
        reply(sock, "200 OK", ("\n".join(f"{n}: {headers[n]}" for n in names)).encode())
    elif path == "/pieces":
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"one ", b"two ", b"three "):
            sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        sock.sendall(b"0\r\nX-Trailer: late\r\n\r\n")
    elif path == "/interim":
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        reply(sock, "200 OK", b"final")
    elif path in ("/stall", "/cut"):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin")
        if path == "/cut":
            return False
        stream.read(1)  # until the client leaves
        return False
    elif path == "/never":
        stream.read(1)
        return False
    elif path == "/big":
        reply(sock, "200 OK", b"x" * (1 << 20))
    elif path == "/flood":
        flood(sock, 64 << 20)
    elif path == "/many-headers":
        reply(sock, "200 OK", b"", "".join(f"X-{i}: {i}\r\n" for i in range(1000)))
    elif path == "/redirect":
        reply(sock, "302 Found", b"moved", "Location: /hello\r\n")
    elif path == "/vanish":
        with lock:
            counters["vanished"] += 1
        return False
    elif path in ("/written", "/vanished"):
        with lock:
            text = str(counters[path[1:]])
        reply(sock, "200 OK", text.encode())
    elif path == "/garbage":
        sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        return False
    else:
        reply(sock, "400 Bad Request", b"unknown path")
    return True


def serve(sock):
    number = next(connections)
    try:
        with sock, sock.makefile("rb") as stream:
            while answer(sock, stream, number):
                pass
    except OSError:
        pass  # the client left


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


main()
