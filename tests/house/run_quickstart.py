"""The quickstart, phoned as Twilio would: run_quickstart.py PROGRAM.

Starts it on a free port, asks /health, opens a media stream by hand (RFC 6455, Twilio's JSON) and
waits for the greeting's audio; hangs up; presses Enter; the program must end with 0.
"""

import base64
import json
import os
import re
import socket
import struct
import subprocess
import sys


class MediaStream:
    """The client's side of a WebSocket: masked text frames, no extensions."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /media HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
                             ).encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self.receive()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head

    def receive(self):
        more = self.socket.recv(65536)
        assert more, "the server closed the connection"
        self.data += more

    def send(self, message):
        data, mask = json.dumps(message).encode(), os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(
            ">H", len(data))
        self.socket.sendall(b"\x81" + length + mask + bytes(
            byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def next(self):
        """The next JSON message; control frames are skipped."""
        while True:
            while len(self.data) < 2 or len(self.data) < self.frame_end():
                self.receive()
            end, opcode = self.frame_end(), self.data[0] & 15
            payload, self.data = self.data[self.head():end], self.data[end:]
            if opcode == 1:
                return json.loads(payload)
            assert opcode != 8, f"closed by the server: {payload!r}"

    def head(self):
        return {126: 4, 127: 10}.get(self.data[1] & 127, 2)

    def frame_end(self):
        length = self.data[1] & 127
        if length == 126:
            length = int.from_bytes(self.data[2:4], "big") if len(self.data) >= 4 else 1 << 30
        assert length != 127, "a frame of more than 64 KiB"
        return self.head() + length


def call(port):
    stream = MediaStream(port)
    media = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    ids = {"accountSid": "AC" + 32 * "0", "callSid": "CA" + 32 * "1", "streamSid": "MZ" + 32 * "2"}
    stream.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
    stream.send({"event": "start", "sequenceNumber": "1", "streamSid": ids["streamSid"],
                 "start": {**ids, "tracks": ["inbound"], "mediaFormat": media,
                           "customParameters": {}}})
    audio, chunk = b"", 0
    while len(audio) < 8000:  # a second of the greeting
        chunk += 1
        stream.send({"event": "media", "sequenceNumber": str(chunk + 1),
                     "streamSid": ids["streamSid"],
                     "media": {"track": "inbound", "chunk": str(chunk),
                               "timestamp": str(20 * chunk),
                               "payload": base64.b64encode(b"\xff" * 160).decode()}})
        stream.socket.settimeout(0.02)
        try:
            message = stream.next()
        except TimeoutError:
            assert chunk < 1500, "no greeting within 30 s"
            continue
        if message["event"] == "media":
            assert message["streamSid"] == ids["streamSid"], message
            audio += base64.b64decode(message["media"]["payload"])
    assert len(set(audio)) > 10, "the greeting is silence"
    stream.send({"event": "stop", "sequenceNumber": str(chunk + 2), "streamSid": ids["streamSid"],
                 "stop": {"accountSid": ids["accountSid"], "callSid": ids["callSid"]}})
    stream.socket.close()
    return len(audio)


def health(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while more := connection.recv(65536):
            answer += more
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])


def main(program):
    process = subprocess.Popen([program, "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    try:
        line = process.stdout.readline()
        port = int(re.search(r"ws://127\.0\.0\.1:(\d+)/media", line).group(1))
        print(line, health(port), sep="")
        print(call(port), "bytes of greeting")
        process.stdin.write("\n")
        process.stdin.close()
        assert process.wait(timeout=30) == 0, f"exit status {process.returncode}"
    finally:
        if process.poll() is None:
            process.kill()


main(*sys.argv[1:])
