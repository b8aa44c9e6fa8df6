#!/usr/bin/env python3
"""Asterisk's end of AudioSocket, written from its documentation and not from our codec.

  audio_socket_peer.py PORT UUID call      speaks 200 ms, presses 5, listens to 300 ms, hangs up
  audio_socket_peer.py PORT UUID listen    says who it is, then listens until the line is closed
  audio_socket_peer.py PORT UUID vanish    resets the connection in the middle of a frame

Prints one line: what it heard, and how the line ended. Ends by itself.
"""

import socket
import struct
import sys
import uuid

HANG_UP, UUID, DTMF, AUDIO = 0x00, 0x01, 0x03, 0x10
FRAME = 160  # samples, 20 ms at 8 kHz


def frame(kind, payload=b""):
    return struct.pack(">BH", kind, len(payload)) + payload


def read_frame(stream):
    head = stream.read(3)
    if len(head) < 3:
        return None
    kind, size = struct.unpack(">BH", head)
    return kind, stream.read(size)


def main():
    port, identity, what = int(sys.argv[1]), uuid.UUID(sys.argv[2]), sys.argv[3]
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = line.makefile("rb")
    line.sendall(frame(UUID, identity.bytes))
    if what == "vanish":
        line.sendall(frame(AUDIO, struct.pack(f"<{FRAME}h", *[1000] * FRAME))[:100])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()
        line.close()
        print("vanished", flush=True)
        return
    if what == "call":
        for number in range(10):
            samples = range(number * FRAME, (number + 1) * FRAME)
            line.sendall(frame(AUDIO, struct.pack(f"<{FRAME}h", *samples)))
        line.sendall(frame(DTMF, b"5"))
    samples = []
    end = "closed"
    hung_up = False
    try:
        while (got := read_frame(stream)) is not None:
            kind, payload = got
            if kind == HANG_UP:
                end = "hung up"
            elif kind == AUDIO and not hung_up:
                samples += struct.unpack(f"<{len(payload) // 2}h", payload)
            if what == "call" and len(samples) >= 15 * FRAME and not hung_up:
                hung_up = True
                line.sendall(frame(HANG_UP))
    except ConnectionError:
        end = "reset"
    print(f"heard {len(samples)} samples, the first {samples[:3]}, {end}", flush=True)


if __name__ == "__main__":
    main()
