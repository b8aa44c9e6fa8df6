"""Replay, fork and test-from on the command line, over records that the command itself made.

time_travel_test.py DRAGOMAN COUNTING_MAIL_SERVER SCENARIOS FAKE_OPENAI_SERVER
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from mail_server import MailServer

DRAGOMAN, MAIL_SERVER, SCENARIOS, MODEL_SERVER = map(os.path.abspath, sys.argv[1:5])

PLAN = """
[[step]]
id = "name"
tool = "ask_user"
arguments = { question = "In whose name?" }

[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "gym-0@example.net", subject = "Membership for ${name}", body = "What does it cost?" }

[[step]]
id = "keep"
tool = "note"
needs = ["mail"]
arguments = { text = "wrote in the name of ${name}" }
"""
OTHER_PLAN = """
[[step]]
id = "name"
tool = "ask_user"
arguments = { question = "In whose name?" }

[[step]]
id = "keep"
tool = "note"
arguments = { text = "only a note for ${name}" }
"""
ASKS_FIRST = '\n[tool.send_email]\nverdict = "confirm"\n'


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def run_it(self, *arguments):
        done = subprocess.run([DRAGOMAN, *map(str, arguments)], capture_output=True, text=True,
                              timeout=120, cwd=self.path, check=False,
                              env={**os.environ, "DRAGOMAN_SMTP_PASSWORD": "correct horse"})
        return done.returncode, done.stdout, done.stderr

    def succeed(self, *arguments):
        code, out, error = self.run_it(*arguments)
        self.assertEqual(code, 0, out + error)
        return out

    def refused(self, what, *arguments, code=2):
        got, out, error = self.run_it(*arguments)
        self.assertEqual(got, code, out + error)
        self.assertRegex(error, what)

    def write(self, name, text):
        (self.path / name).write_text(text)
        return name


class GoalsTest(InAFolder):
    def setUp(self):
        super().setUp()
        self.server = MailServer(MAIL_SERVER, str(self.path))
        self.addCleanup(self.server.close)

    def goal(self, *options, plan=PLAN, name="Smith", approves=False):
        code, out, error = self.run_it("task", "new", "Ask the gym", "--plan",
                                       self.write("plan.toml", plan), "--data", "data", *options)
        self.assertEqual(code, 4, out + error)
        goal = re.search(r"dragoman task answer (\w+)", out).group(1)
        code, out, error = self.run_it("task", "answer", goal, name, "--data", "data", *options)
        if approves:
            self.assertEqual(code, 4, out + error)
            code, out, error = self.run_it("task", "approve", goal, "--data", "data", *options)
        self.assertEqual(code, 0, out + error)
        return goal

    def strict_policy(self):
        shipped = pathlib.Path(__file__).resolve().parents[2] / "src/safety/default_policy.toml"
        return self.write("strict.toml", shipped.read_text() + ASKS_FIRST)

    def event(self, log, action):
        """The number of the first event whose line in the list of `fork` has these words."""
        _, out, _ = self.run_it("fork", log)
        return re.search(rf"^ *(\d+)  {action}", out, re.MULTILINE).group(1)

    def test_replay_takes_a_goal_by_its_id_and_as_a_file(self):
        goal = self.goal()
        self.assertIn("identical", self.succeed("replay", goal, "--data", "data"))
        self.succeed("task", "log", goal, "--export", "goal.log", "--data", "data")
        self.assertEqual(os.stat(self.path / "goal.log").st_mode & 0o777, 0o600)
        self.assertIn("ends in COMPLETED", self.succeed("replay", "goal.log"))
        self.refused("are for calls", "replay", "goal.log", "--page", "x.html")
        self.refused("no goal", "replay", "g000000000000", "--data", "data")
        self.refused("no such file", "replay", "nothing", "--data", "data")
        self.refused("no data directory", "replay", goal, "--data", "elsewhere")

    def test_damaged_and_torn_records_are_named(self):
        goal = self.goal()
        self.succeed("task", "log", goal, "--export", "goal.log", "--data", "data")
        whole = (self.path / "goal.log").read_bytes()
        for command in (["replay", "x.log"], ["test-from", "x.log"],
                        ["fork", "x.log", "--at", "1", "--with", "policy=p"]):
            (self.path / "x.log").write_bytes(whole[:-40])
            self.refused("cut short", *command, code=1)
            damaged = bytearray(whole)
            damaged[len(whole) // 2] ^= 1
            (self.path / "x.log").write_bytes(damaged)
            self.refused(r"record \d+", *command, code=1)
            (self.path / "x.log").write_bytes(b"nothing of the kind, and long enough for a header")
            self.refused("x.log", *command)

    def test_a_goal_becomes_a_test_that_fails_when_it_would_go_otherwise(self):
        goal = self.goal(*self.server.options())
        sent = self.server.count("gym-0@example.net")
        self.succeed("test-from", goal, "--data", "data", "-o", "test.toml")
        self.refused("--force", "test-from", goal, "--data", "data", "-o", "test.toml")
        out = self.succeed("task", "test", "test.toml", "--log", "first.log")
        self.assertIn("1 passed, 0 failed", out)
        self.succeed("task", "test", "test.toml", "--log", "second.log")
        self.assertEqual((self.path / "first.log").read_bytes(),
                         (self.path / "second.log").read_bytes())
        self.assertIn("identical", self.succeed("replay", "first.log"))
        text = (self.path / "test.toml").read_text()
        for old, new, failure in (
                ('text = "Smith"', 'text = "Jones"', "effect of step 'mail'.* was send_email"),
                ('state = "COMPLETED"', 'state = "FAILED"', "it ended in COMPLETED"),
                ('end = "confirmed"', 'end = "rejected"', "step 'mail' is"),
                ('questions = ["step name"]', "questions = []", "it asked: step name")):
            self.write("other.toml", text.replace(old, new, 1))
            code, out, _ = self.run_it("task", "test", "other.toml")
            self.assertEqual(code, 1, out)
            self.assertRegex(out, failure)
        self.write("other.toml", text.replace("reference =", "refrence =", 1))
        self.refused(r"other.toml.*refrence.*reference", "task", "test", "other.toml")
        code, out, _ = self.run_it("task", "test", "test.toml", "--policy", self.strict_policy())
        self.assertEqual(code, 1)
        self.assertIn("waits for an answer that the file does not have: approval mail", out)
        self.assertEqual(self.server.count("gym-0@example.net"), sent)
        self.assertEqual(sent, 1)

    def test_a_goal_that_has_not_ended_makes_no_test(self):
        _, out, _ = self.run_it("task", "new", "Ask", "--plan", self.write("p.toml", PLAN),
                                "--data", "data")
        goal = re.search(r"dragoman task answer (\w+)", out).group(1)
        self.refused("has not ended", "test-from", goal, "--data", "data")

    def test_another_answer_makes_another_future_and_sends_nothing(self):
        goal = self.goal(*self.server.options())
        at = self.event(self.export(goal), "planned")
        out = self.succeed("fork", goal, "--data", "data", "--at", at, "--with", "answer=Jones",
                           "-o", "fork.log")
        self.assertRegex(out, r"Smith +\|  *Jones")
        self.assertIn("Membership for", out)
        self.assertIn("identical", self.succeed("replay", "fork.log"))
        # The fork is a record like any other.
        again = self.succeed("fork", "fork.log", "--at", at, "--with", "answer=Brown", "-o", "2.log")
        self.assertRegex(again, r"Jones +\|  *Brown")
        self.succeed("test-from", "fork.log", "-o", "fork.toml")
        self.succeed("task", "test", "fork.toml")
        self.assertEqual(self.server.count("gym-0@example.net"), 1)

    def export(self, goal):
        self.succeed("task", "log", goal, "--export", f"{goal}.log", "--data", "data")
        return f"{goal}.log"

    def test_another_policy_asks_first_and_another_plan_does_otherwise(self):
        log = self.export(self.goal())
        at = self.event(log, "answered")
        out = self.succeed("fork", log, "--at", at, "--with", f"policy={self.strict_policy()}",
                           "-o", "fork.log")
        self.assertIn("must confirm mail", out)
        self.assertIn("waits for its owner: approval mail", out)
        last = re.findall(r"^ *(\d+)  ", self.run_it("fork", "fork.log")[1], re.MULTILINE)[-1]
        for word, end in (("yes", "ends in COMPLETED"), ("no", "you said no")):
            out = self.succeed("fork", "fork.log", "--at", last, "--with", f"approval={word}",
                               "--with", f"policy={self.strict_policy()}", "-o", f"{word}.log")
            self.assertIn(end, out)
        self.write("other.toml", OTHER_PLAN)
        for at in ("1", self.event(log, "planned")):
            out = self.succeed("fork", log, "--at", at, "--with", "plan=other.toml", "-o",
                               f"plan-{at}.log")
            self.assertRegex(out, r"mail: done +\| = *\n|keep: done +\|\n|\| = keep: done")
            self.assertIn("only a note for Smith", out)

    def test_an_approval_that_was_given_is_refused_in_another_future(self):
        policy = self.strict_policy()
        log = self.export(self.goal("--policy", policy, approves=True))
        at = self.event(log, "must confirm mail")
        refused = self.succeed("fork", log, "--at", at, "--with", "approval=no", "--with",
                               f"policy={policy}", "-o", "no.log")
        self.assertIn("declined", refused)
        given = self.succeed("fork", log, "--at", at, "--with", "approval=yes", "--with",
                             f"policy={policy}", "-o", "yes.log")
        self.assertIn("Both are the same", given)
        # Given before the fork, it still holds behind it.
        behind = self.event(log, "approved")
        out = self.succeed("fork", log, "--at", behind, "--with", f"policy={policy}", "-o", "3.log")
        self.assertIn("ends in COMPLETED", out)

    def test_what_cannot_be_forked_is_said(self):
        log = self.export(self.goal())
        planned, answered = self.event(log, "planned"), self.event(log, "answered")
        self.refused("record has 1 to", "fork", log, "--at", "99", "--with", "answer=x")
        self.refused("had ended", "fork", log, "--at",
                     str(int(self.run_it("replay", log)[1].split("(")[1].split()[0])), "--with",
                     "policy=" + self.strict_policy())
        self.refused(f"no question is open.*{planned}", "fork", log, "--at", answered, "--with",
                     "answer=x")
        self.refused("no approval is awaited", "fork", log, "--at", planned, "--with",
                     "approval=yes")
        self.refused("is for calls", "fork", log, "--at", "1", "--with", "model=offline")
        self.refused("did you mean policy", "fork", log, "--at", "1", "--with", "polcy=x")
        self.refused("expected yes or no", "fork", log, "--at", "1", "--with", "approval=perhaps")
        self.refused("has no value", "fork", log, "--at", "1", "--with", "answer")
        self.refused("--with is missing", "fork", log, "--at", "1")
        self.write("there.log", "something")
        self.refused("--force writes over", "fork", log, "--at", "1", "--with",
                     f"policy={self.strict_policy()}", "-o", "there.log")
        self.write("bad.toml", OTHER_PLAN.replace("note", "noet"))
        self.refused("noet", "fork", log, "--at", "1", "--with", "plan=bad.toml")


class CallsTest(InAFolder):
    def call(self, scenario):
        self.succeed("call", "--scenario", os.path.join(SCENARIOS, scenario + ".toml"), "--output",
                     "out")
        return next((self.path / "out" / scenario).glob("*.log"))

    def test_recorded_calls_become_scenarios_that_pass(self):
        for scenario in sorted(pathlib.Path(SCENARIOS).glob("text-*.toml")):
            # Ninety seconds of talk without a pause: no step of a scenario is that long.
            if scenario.stem == "text-never-stops":
                continue
            with self.subTest(scenario.stem):
                log = self.call(scenario.stem)
                self.succeed("test-from", log, "-o", scenario.stem + ".toml")
                self.succeed("call", "--scenario", scenario.stem + ".toml")

    def test_such_a_scenario_fails_when_anything_would_be_otherwise(self):
        log = self.call("text-books-tuesday")
        self.succeed("test-from", log, "-o", "test.toml")
        text = (self.path / "test.toml").read_text()
        for old, new, failure in (('say = "tomorrow"', 'say = "on friday"', "booked: none; expected: smith"),
                                  ('time = "10:30"', 'time = "11:30"', "expected: smith .* at 11:30"),
                                  ("book_appointment = 1", "book_appointment = 2", "ran 1 times"),
                                  ("what day would suit you", "which day would suit you", "never c")):
            self.write("other.toml", text.replace(old, new))
            code, out, error = self.run_it("call", "--scenario", "other.toml")
            self.assertEqual(code, 1, out + error)
            self.assertRegex(out, failure)

    def points(self, log):
        out = self.succeed("fork", log)
        return {said: number for number, said in re.findall(r"^ *(\d+)  (.{12})", out, re.MULTILINE)}

    def test_other_words_of_the_caller_make_another_future(self):
        log = self.call("text-books-tuesday")
        at = self.points(log)["What day wou"]
        out = self.succeed("fork", log, "--at", at, "--with", "answer=on friday", "-o", "fork.log")
        self.assertRegex(out, r"caller: tomorrow +\| .*caller: on friday")
        self.assertIn("booked in the fork: smith, 2026-01-09 at 10:30", out)
        self.assertIn("identical", self.succeed("replay", "fork.log"))
        self.succeed("fork", "fork.log", "--at", at, "--with", "answer=on thursday", "-o", "2.log")
        self.succeed("test-from", "fork.log", "-o", "fork.toml")
        self.succeed("call", "--scenario", "fork.toml")

    def test_from_any_event_the_same_model_does_the_same(self):
        log = self.call("text-books-tuesday")
        events = int(re.search(r"\((\d+) events", self.succeed("replay", log)).group(1))
        forked = 0
        for at in range(1, events, 17):
            code, out, error = self.run_it("fork", log, "--at", at, "--with", "model=offline", "-o",
                                           "fork.log", "--force")
            if code == 2:  # behind the last words it only ends
                self.assertIn("never waits for the caller", error)
                continue
            forked += 1
            self.assertIn("Both are the same", out)
            self.assertIn("identical", self.succeed("replay", "fork.log"))
        self.assertGreaterEqual(forked, 10)

    def test_a_model_over_the_network_goes_on_in_virtual_time(self):
        server = subprocess.Popen([sys.executable, "-B", MODEL_SERVER, "--agent"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            log = self.call("text-books-tuesday")
            at = self.points(log)["What day wou"]
            out = self.succeed("fork", log, "--at", at, "--with",
                               "model=" + server.stdout.readline().strip(), "-o", "fork.log")
            self.assertIn("model: openai:", out)
            self.assertIn("identical", self.succeed("replay", "fork.log"))
        finally:
            server.stdin.close()
            server.wait(timeout=30)
            server.stdout.close()

    def test_what_cannot_be_forked_is_said(self):
        log = self.call("text-books-tuesday")
        self.refused("record has 1 to", "fork", log, "--at", "9999", "--with", "answer=x")
        self.refused("is for goals", "fork", log, "--at", "1", "--with", "policy=x")
        self.refused("never waits for the caller", "fork", log, "--at", "215", "--with", "answer=x")
        self.refused("unknown mark", "fork", log, "--at", "1", "--with", "answer=<shout>")
        torn = self.path / "torn.log"
        whole = pathlib.Path(log).read_bytes()
        torn.write_bytes(whole[:len(whole) * 2 // 3])
        for command in (["fork", torn, "--at", "1", "--with", "answer=x"], ["test-from", torn]):
            self.refused("torn", *command, code=1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
