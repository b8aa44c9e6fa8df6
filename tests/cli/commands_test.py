"""Runs the command as a user would: exit statuses, messages, files. Arguments: dragoman, scenarios."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

DRAGOMAN = ""
SCENARIOS = pathlib.Path()


def run(*arguments, environment=None, timeout=120):
    return subprocess.run(
        [DRAGOMAN, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **(environment or {})},
    )


class CommandsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def test_help_names_every_command(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for command in ("demo", "call", "serve", "replay", "doctor", "version"):
            self.assertIn(command, done.stdout)

    def test_no_command_is_bad_usage(self):
        self.assertEqual(run().returncode, 2)

    def test_an_unknown_option_is_bad_usage_and_named(self):
        done = run("version", "--colour")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--colour", done.stderr)

    def test_version_tells_the_machine_version(self):
        done = run("version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^dragoman \d+\.\d+\.\d+ .*call machine version \d+")

    def test_doctor_finds_local_speech_and_prints_the_admission_limit(self):
        done = run("doctor")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("PocketSphinx", done.stdout)
        self.assertRegex(done.stdout, r"\d+ calls at once understood locally")

    def test_doctor_names_a_voice_that_does_not_exist(self):
        done = run("doctor", environment={"DRAGOMAN_VOICE": "caruso"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("caruso", done.stdout)

    def test_a_call_leaves_its_files_and_its_log_replays(self):
        done = run("call", SCENARIOS / "text-books-tuesday.toml", "--output", self.path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        logs = list(self.path.rglob("*.log"))
        self.assertEqual(len(logs), 1)
        # What the caller sent and heard, and what the agent's side recorded.
        self.assertEqual({"caller.wav", logs[0].stem + ".wav"},
                         {wav.name for wav in self.path.rglob("*.wav")})
        page = next(self.path.rglob("call.html")).read_text()
        self.assertIn("Replay identical", page)

        replay = run("replay", logs[0])
        self.assertEqual(replay.returncode, 0, replay.stdout)
        self.assertIn("identical", replay.stdout)

        damaged = bytearray(logs[0].read_bytes())
        damaged[len(damaged) // 2] ^= 1
        broken = self.path / "broken.log"
        broken.write_bytes(damaged)
        replay = run("replay", broken)
        self.assertEqual(replay.returncode, 1)
        self.assertRegex(replay.stderr, r"record \d+")

    def test_the_audio_of_a_call_is_checked_and_rendered_anew(self):
        done = run("call", SCENARIOS / "text-books-tuesday.toml", "--output", self.path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        log = next(self.path.rglob("*.log"))
        anew = self.path / "anew.wav"
        replay = run("replay", log, "--audio", anew)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertRegex(replay.stdout, r"audio: [1-9]\d* pieces checked and rendered")
        self.assertEqual(anew.read_bytes(), log.with_suffix(".wav").read_bytes())

        audio = log.with_suffix(".audio")
        damaged = bytearray(audio.read_bytes())
        self.assertGreater(len(damaged), 16_000 * 10)  # ten seconds of one side at the least
        damaged[len(damaged) // 2] ^= 1
        audio.write_bytes(damaged)
        replay = run("replay", log, "--audio", anew)
        self.assertEqual(replay.returncode, 1)
        self.assertIn("differs from what the log says", replay.stderr)

    def test_logs_of_earlier_builds_stay_readable(self):
        logs = sorted((SCENARIOS.parent / "golden_logs").glob("*.log"))
        self.assertTrue(logs)
        for log in logs:
            # 3: another version of the machine wrote it, and the differences are listed.
            self.assertIn(run("replay", log).returncode, (0, 3), log)

    def test_replay_of_what_is_no_log_is_bad_usage(self):
        nonsense = self.path / "x.log"
        nonsense.write_text("RIFF")
        done = run("replay", nonsense)
        self.assertEqual(done.returncode, 2)
        self.assertIn("not an event log", done.stderr)
        self.assertEqual(run("replay", self.path / "absent.log").returncode, 2)

    def test_a_scenario_with_an_unknown_key_names_line_and_key(self):
        text = (SCENARIOS / "text-goodbye.toml").read_text()
        bad = self.path / "bad.toml"
        bad.write_text('sead = 3\n' + text)
        done = run("call", bad)
        self.assertEqual(done.returncode, 2)
        self.assertIn("sead", done.stderr)
        self.assertIn("seed", done.stderr)
        self.assertIn("1", done.stderr)

    def test_serve_answers_health_and_stops_politely(self):
        server = subprocess.Popen(
            [DRAGOMAN, "serve", "--port", "0", "--audio-socket-port", "0", "--recognizers", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(server.kill)
        address = ""
        for line in server.stdout:
            if line.startswith("health"):
                address = line.split()[-1]
            if line.startswith("Ctrl-C"):
                break
        with urllib.request.urlopen(address, timeout=10) as answer:
            health = json.load(answer)
        self.assertEqual(health["status"], "ok")
        self.assertEqual(health["calls"], 0)

        port = address.split(":")[-1].split("/")[0]
        taken = run("serve", "--port", port, "--recognizers", "1")
        self.assertEqual(taken.returncode, 2)
        self.assertIn(port, taken.stderr)

        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(timeout=30), 0)
        server.stdout.close()


if __name__ == "__main__":
    DRAGOMAN = sys.argv[1]
    SCENARIOS = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
