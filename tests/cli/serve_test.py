"""`dragoman serve` and the commands that reach it: the kill switch, holds, dates. Real calls over
AudioSocket, real processes, one of them killed.

serve_test.py DRAGOMAN
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import uuid

DRAGOMAN = sys.argv[1]
HANG_UP, UUID, AUDIO = 0x00, 0x01, 0x10
DAY = 24 * 3600


class Caller:
    """Asterisk's end of an AudioSocket."""

    def __init__(self, port):
        self.id = str(uuid.uuid4())
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(struct.pack(">BH", UUID, 16) + uuid.UUID(self.id).bytes)

    def frame(self):
        """The kind of the next frame; none: the line is gone."""
        head = self.stream.read(3)
        if len(head) < 3:
            return None
        kind, size = struct.unpack(">BH", head)
        self.stream.read(size)
        return kind

    def is_greeted(self):
        return self.frame() == AUDIO

    def listen_to_the_end(self):
        """The last frame before the line is gone."""
        last = kind = self.frame()
        while kind is not None:
            last, kind = kind, self.frame()
        return last

    def close(self):
        self.stream.close()
        self.socket.close()


class ServeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = pathlib.Path(self.folder.name) / "data"
        self.server = None

    def tearDown(self):
        if self.server is not None:
            self.stop(signal.SIGKILL)

    def start(self):
        """What it printed until it was ready."""
        self.server = subprocess.Popen(
            [DRAGOMAN, "serve", "--port", "0", "--audio-socket-port", "0", "--recognizers", "1",
             "--data", str(self.data)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        printed = ""
        for line in self.server.stdout:
            printed += line
            if line.startswith("health"):
                self.health_url = line.split()[-1]
            if line.startswith("calls over AudioSocket"):
                self.port = int(line.rsplit(":", 1)[1])
            if line.startswith("Ctrl-C"):
                return printed
        self.fail(printed)

    def stop(self, how=signal.SIGTERM):
        self.server.send_signal(how)
        status = self.server.wait(timeout=60)
        self.server.stdout.close()
        self.server = None
        return status

    def run_it(self, *arguments, **more):
        done = subprocess.run([DRAGOMAN, *arguments, "--data", str(self.data)],
                              capture_output=True, text=True, timeout=60, check=False, **more)
        return done.returncode, done.stdout, done.stderr

    def call(self):
        caller = Caller(self.port)
        self.addCleanup(caller.close)
        return caller

    def health(self):
        try:
            with urllib.request.urlopen(self.health_url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def upgrade(self):
        """The status that a carrier gets for its WebSocket."""
        address = self.health_url.split("/")[2]
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("GET", "/media", headers={
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_for(self, what):
        until = time.monotonic() + 60
        while not what():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def files(self):
        return {file.name for file in (self.data / "calls").iterdir()}

    def age(self, name, days):
        then = time.time() - days * DAY
        os.utime(self.data / "calls" / name, (then, then))

    def test_the_kill_switch_cuts_and_refuses_calls_over_restarts_until_it_is_off_A51(self):
        self.assertIn("kill switch            off", self.start())
        self.assertEqual(self.upgrade(), 101)
        caller = self.call()
        self.assertTrue(caller.is_greeted())
        code, out, error = self.run_it("kill-switch", "on", "--why", "it talks nonsense")
        self.assertEqual(code, 0, error)
        self.assertIn("The kill switch is on: everything is stopped: it talks nonsense", out)
        self.assertRegex(out, r"[12] calls? (is|are) hung up")
        self.assertNotIn("No process", out)
        self.assertEqual(caller.listen_to_the_end(), HANG_UP)

        self.assertEqual(self.call().listen_to_the_end(), HANG_UP)  # not one frame of audio before
        self.assertFalse(self.call().is_greeted())
        self.assertEqual(self.upgrade(), 503)
        status, body = self.health()
        self.assertEqual((status, json.loads(body)["status"]), (503, "stopped"))
        self.assertNotIn("nonsense", body)  # nobody's business out there

        self.stop(signal.SIGKILL)
        code, out, _ = self.run_it("kill-switch", "show")
        self.assertEqual(code, 0)
        self.assertIn("it talks nonsense", out)
        self.assertIn("No process owns the directory", out)
        printed = self.start()
        self.assertIn("ON, no call is answered: everything is stopped: it talks nonsense", printed)
        self.assertIn(f"dragoman kill-switch off --data {self.data}", printed)
        self.assertFalse(self.call().is_greeted())
        self.assertEqual(self.health()[0], 503)

        code, out, _ = self.run_it("kill-switch", "off")
        self.assertEqual((code, out), (0, "The kill switch is off.\n"))
        self.assertTrue(self.call().is_greeted())
        self.assertEqual(self.upgrade(), 101)
        status, body = self.health()
        self.assertEqual((status, json.loads(body)["status"]), (200, "ok"))
        self.assertEqual(self.run_it("audit", "verify")[0], 0)
        self.assertEqual(self.stop(), 0)

    def test_without_a_process_it_is_set_in_the_directory_and_holds_at_the_next_start_A51(self):
        code, _, error = self.run_it("kill-switch", "on")
        self.assertEqual(code, 2)
        self.assertIn("there is no data directory", error)
        self.data.mkdir()
        code, out, error = self.run_it("kill-switch", "on", "--json")
        self.assertEqual(code, 0, error)
        self.assertEqual(json.loads(out), {
            "stopped": True, "why": "everything is stopped: the owner said so", "calls_cut": 0,
            "reached": False})
        (self.data / "owner.sock").touch()  # of a process that is long gone
        self.assertIn("ON, no call is answered", self.start())
        self.assertFalse(self.call().is_greeted())
        self.assertEqual(self.stop(), 0)

    def test_a_served_call_is_swept_by_its_date_unless_it_is_held_P7(self):
        self.start()
        caller = self.call()
        self.assertTrue(caller.is_greeted())
        caller.socket.sendall(struct.pack(">BH", HANG_UP, 0))
        caller.listen_to_the_end()
        self.wait_for(lambda: f"{caller.id}.wav" in self.files())
        self.assertEqual(self.stop(), 0)
        kept, due = caller.id, "CA" + "0" * 32
        for ending in (".log", ".audio", ".wav"):
            os.link(self.data / "calls" / (kept + ending), self.data / "calls" / (due + ending))
        for ending, days in ((".log", 91), (".audio", 31), (".wav", 31)):
            self.age(kept + ending, days)  # and the other, which is the same file
        self.assertEqual(self.run_it("task", "hold", kept)[0], 0)
        self.assertEqual(self.run_it("task", "hold", "CA1")[0], 2)

        self.start()
        self.wait_for(lambda: not [name for name in self.files() if name.startswith(due)])
        self.assertTrue({kept + ending for ending in (".log", ".audio", ".wav")} <= self.files())
        code, _, error = self.run_it("erase", "--yes")
        self.assertEqual(code, 2)
        self.assertIn("dragoman serve", error)
        self.assertEqual(self.run_it("audit", "verify")[0], 0)
        self.assertEqual(self.run_it("task", "release", kept)[0], 0)
        self.assertEqual(self.stop(), 0)

        code, out, error = self.run_it("erase", "--yes")
        self.assertEqual(code, 0, error)
        self.assertIn("of calls (logs, recordings)", out)
        self.assertEqual(self.files(), set())
        self.assertEqual(self.run_it("audit", "verify")[0], 0)

    def test_a_server_that_is_stopped_right_after_a_call_ends_as_it_should(self):
        for _ in range(5):
            self.start()
            caller = self.call()
            self.assertTrue(caller.is_greeted())
            caller.close()  # its next sentences are being made
            self.assertEqual(self.stop(), 0)

    def test_goals_are_not_for_a_directory_that_answers_calls(self):
        self.start()
        for command in (("task", "list"), ("memory", "list"), ("operate",)):
            code, _, error = self.run_it(*command)
            self.assertEqual(code, 2, command)
            self.assertRegex(error, "dragoman serve|owned by process")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
