"""The demo with a model over the network: a real call in real time, against a server in its own process.

Arguments: dragoman, fake_openai_server.py.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request

DRAGOMAN = ""
SERVER = ""


class DemoWithANetworkModelTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.server = subprocess.Popen([sys.executable, "-B", SERVER, "--agent"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.url = self.server.stdout.readline().strip()

    def stop(self):
        self.server.stdin.close()
        self.server.wait(timeout=30)
        self.server.stdout.close()

    def stats(self):
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/stats", timeout=10) as answer:
            return json.load(answer)

    def test_the_caller_gets_its_appointment_and_the_log_replays(self):
        output = pathlib.Path(self.folder.name)
        demo = subprocess.run([DRAGOMAN, "demo", "--model", self.url, "--output", output],
                              capture_output=True, text=True, timeout=240, check=False)
        told = demo.stdout + demo.stderr
        self.assertEqual(demo.returncode, 0, told)
        self.assertIn("booked: smith, 2026-01-06 at 10:30", demo.stdout)
        self.assertRegex(demo.stdout, r"replay: identical \(\d+ events")
        self.assertNotIn("not as it must be", demo.stdout)
        # The server answered it, and not the embedded model.
        self.assertGreaterEqual(self.stats()["completed"], 6, told)
        self.assertIn("Model: openai:", demo.stdout)

        log = next(output.rglob("CA*.log"))
        replay = subprocess.run([DRAGOMAN, "replay", log, "--audio", output / "anew.wav"],
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertTrue(re.search(r"Replay identical", next(output.rglob("call.html")).read_text()))


if __name__ == "__main__":
    DRAGOMAN, SERVER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
