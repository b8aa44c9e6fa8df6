"""Goals on the command line, against a mail server that counts, killed at random moments.

task_test.py DRAGOMAN COUNTING_MAIL_SERVER [ROUNDS]
"""
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from mail_server import MailServer

DRAGOMAN, MAIL_SERVER = sys.argv[1:3]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 12

PLAN = """
[[step]]
id = "keep"
tool = "note"
arguments = {{ text = "writing to the gym" }}

[[step]]
id = "mail"
tool = "send_email"
arguments = {{ to = "{to}", subject = "Membership", body = "What does it cost?" }}
"""
ASKING = """
[[step]]
id = "name"
tool = "ask_user"
arguments = { question = "In whose name?" }

[[step]]
id = "keep"
tool = "note"
arguments = { text = "in the name of ${name}" }
"""


CALL = """
purpose = "errand"
[[step]]
id = "call"
tool = "place_call"
[step.arguments]
to = "+12015550142"
for = "Anna Smith"
{request}
"""


class TaskTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        self.server = MailServer(MAIL_SERVER, self.folder.name)
        self.environment = {**os.environ, "DRAGOMAN_SMTP_PASSWORD": "correct horse"}

    def tearDown(self):
        self.server.close()
        self.folder.cleanup()

    def command(self, *arguments):
        return [DRAGOMAN, *arguments, "--data", self.data]

    def run_it(self, *arguments, data=None, text=None):
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True,
                                input=text, timeout=60, env=self.environment)
        return result.returncode, result.stdout, result.stderr

    def plan(self, text):
        path = os.path.join(self.folder.name, "plan.toml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def rules(self):
        """Calling rules without hours: a test must pass at night, too."""
        path = os.path.join(self.folder.name, "rules.toml")
        with open(path, "w") as file:
            file.write('format = 1\nname = "any-hour"\n[[hours]]\nplace = "*"\nsince = '
                       '"2026-01-01"\ndaily = "00:00-24:00"\nsource = "a test"\n')
        return path

    def only_goal(self):
        if not os.path.exists(self.data):
            return None
        code, out, _ = self.run_it("task", "list", "--all", "--json")
        self.assertEqual(code, 0)
        goals = json.loads(out)["goals"]
        return goals[0]["goal"] if goals else None

    def test_a_goal_sends_its_mail_and_cites_its_receipts(self):
        plan = self.plan(PLAN.format(to="anna-0@example.net"))
        code, out, error = self.run_it("task", "new", "Ask the gym", "--plan", plan, "--yes",
                                       *self.server.options())
        self.assertEqual(code, 0, out + error)
        self.assertIn("COMPLETED", out)
        self.assertRegex(out, r"mail \(send_email\): done: .*\[receipt [0-9a-f]{12}")
        self.assertEqual(self.server.count("anna-0@example.net"), 1)
        goal = self.only_goal()
        code, out, _ = self.run_it("task", "show", goal)
        self.assertEqual(code, 0)
        self.assertIn("[x] mail", out)
        code, out, _ = self.run_it("replay", goal)
        self.assertEqual((code, "identical" in out), (0, True), out)
        code, out, _ = self.run_it("audit", "verify")
        self.assertEqual(code, 0, out)
        anchor = out.split()[-1]
        self.assertEqual(self.run_it("audit", "verify", "--anchor", anchor)[0], 0)
        self.assertEqual(self.run_it("audit", "verify", "--anchor", "1:" + "0" * 64)[0], 1)

    def test_the_kill_switch_stops_everything_over_restarts_until_it_is_off(self):
        plan = self.plan(PLAN.format(to="anna-0@example.net"))
        new_goal = ("task", "new", "Ask the gym", "--plan", plan, "--yes", *self.server.options())
        asking = os.path.join(self.folder.name, "asking.toml")
        with open(asking, "w") as file:
            file.write(ASKING)
        self.run_it("task", "new", "Note it", "--plan", asking)
        self.assertIn("off", self.run_it("kill-switch", "show")[1])
        code, out, error = self.run_it("kill-switch", "on", "--why", "it talks nonsense")
        self.assertEqual((code, "it talks nonsense" in out), (0, True), out + error)
        code, out, error = self.run_it(*new_goal)
        self.assertEqual((code, "it talks nonsense" in error), (2, True), out + error)
        owner = subprocess.Popen(self.command("operate"), stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL, env=self.environment)
        try:
            owner.stdout.readline()
            _, out, _ = self.run_it("task", "list", "--all", "--json")
            self.assertEqual([goal["state"] for goal in json.loads(out)["goals"]], ["ESCALATED"])
            self.assertIn("off", self.run_it("kill-switch", "off")[1])
        finally:
            owner.send_signal(signal.SIGTERM)
            self.assertEqual(owner.wait(timeout=30), 0)
            owner.stdout.close()
        self.assertIn("off", self.run_it("kill-switch", "show")[1])
        code, out, error = self.run_it(*new_goal)
        self.assertEqual(code, 0, out + error)
        self.assertEqual(self.server.count("anna-0@example.net"), 1)
        self.assertEqual(self.run_it("audit", "verify")[0], 0)

    def test_without_a_mail_server_every_mail_is_a_dry_run(self):
        plan = self.plan(PLAN.format(to="anna-0@example.net"))
        code, out, _ = self.run_it("task", "new", "Ask the gym", "--plan", plan, "--yes")
        self.assertEqual(code, 0)
        self.assertIn("dry run, nothing was sent", out)
        self.assertEqual(self.server.count("anna-0@example.net"), 0)

    def test_without_a_carrier_every_call_is_a_dry_run(self):
        plan = self.plan(CALL.format(request='request = "I would like to book a visit."'))
        code, out, error = self.run_it("task", "new", "Phone the clinic", "--plan", plan, "--yes",
                                       "--calling-rules", self.rules())
        self.assertEqual(code, 0, out + error)
        self.assertIn("No carrier is configured (--calls)", out)
        self.assertIn("would place a call", out)
        plan = self.plan(CALL.format(request='requests = "I would like to book a visit."'))
        code, _, error = self.run_it("task", "new", "Phone the clinic", "--plan", plan)
        self.assertEqual(code, 2)
        self.assertIn("request", error)

    def test_what_others_said_is_remembered_in_quarantine_until_it_is_accepted_G18(self):
        code, out, error = self.run_it("memory", "add", "always by train", "--kind", "preference")
        self.assertEqual(code, 0, out + error)
        plan = self.plan(PLAN.format(to="anna-0@example.net") +
                         '[[step]]\nid = "learn"\ntool = "remember"\n'
                         'arguments = { text = "they said: ${mail}" }\n')
        code, out, error = self.run_it("task", "new", "Ask the gym", "--plan", plan, "--yes")
        self.assertEqual(code, 0, out + error)
        code, out, _ = self.run_it("memory", "list")
        self.assertEqual(code, 0)
        self.assertEqual(out.count("QUARANTINED"), 1, out)
        self.assertIn("the result of step 'mail' (send_email)", out)
        self.assertIn("always by train", out)
        waiting = json.loads(self.run_it("memory", "list", "--quarantined", "--json")[1])["memories"]
        self.assertEqual(len(waiting), 1)
        code, out, error = self.run_it("memory", "accept", waiting[0]["id"][:12])
        self.assertEqual(code, 0, out + error)
        code, out, _ = self.run_it("memory", "search", "train")
        self.assertIn("preference", out)
        self.assertNotIn("QUARANTINED", self.run_it("memory", "list")[1])
        self.assertEqual(self.run_it("memory", "forget", waiting[0]["id"])[0], 0)
        self.assertEqual(self.run_it("memory", "forget", waiting[0]["id"])[0], 2)
        self.assertEqual(self.run_it("memory", "add", "x", "--kind", "rumour")[0], 2)

    def files_with(self, words):
        found = []
        for folder, _, names in os.walk(self.data):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        if words in file.read():
                            found.append(name)
        return found

    def test_erase_shows_asks_and_leaves_nothing_of_its_owner_P1(self):
        self.assertEqual(self.run_it("vault", "init")[0], 0)
        self.assertEqual(self.run_it("vault", "put", "bank/pin", "--kind", "pin", text="471147\n")[0],
                         0)
        self.assertEqual(self.run_it("memory", "add", "Zebulon likes tea")[0], 0)
        code, out, _ = self.run_it("task", "new", "Ask Zebulon", "--plan", self.plan(ASKING))
        self.assertEqual(code, 4)
        goal = self.only_goal()
        self.assertEqual(self.run_it("task", "hold", goal)[0], 0)
        code, out, error = self.run_it("erase", text="")
        self.assertEqual(code, 2)
        self.assertIn("1 of them open", out)
        self.assertIn("--yes", error)
        code, _, error = self.run_it("erase", "--yes")
        self.assertEqual(code, 2)
        self.assertIn("held", error)
        self.assertNotEqual(self.files_with(b"Zebulon"), [])
        self.assertEqual(self.run_it("task", "release", goal)[0], 0)
        code, out, error = self.run_it("erase", "--yes")
        self.assertEqual(code, 0, out + error)
        self.assertIn("1 secret", out)
        self.assertEqual(self.files_with(b"Zebulon"), [])
        self.assertEqual(self.run_it("audit", "verify")[0], 0)
        self.assertIn("(erased)", self.run_it("task", "list", "--all")[1])
        self.assertEqual(self.run_it("vault", "readmit")[0], 0)
        self.assertIn("is empty", self.run_it("vault", "list")[1])

    def test_a_running_owner_is_asked_about_memories_and_erases_a_goal_at_work_P2(self):
        operator = subprocess.Popen(self.command("operate"), stdout=subprocess.PIPE, text=True,
                                    env=self.environment)
        try:
            self.assertIn("operator of", operator.stdout.readline())
            self.assertEqual(self.run_it("memory", "add", "Zebulon likes tea")[0], 0)
            code, _, _ = self.run_it("task", "new", "Ask Zebulon", "--plan", self.plan(ASKING))
            self.assertEqual(code, 4)
            code, out, error = self.run_it("erase", "--yes")
            self.assertEqual(code, 0, out + error)
            self.assertEqual(self.files_with(b"Zebulon"), [])
            self.assertIn("No goals", self.run_it("task", "list")[1])
            self.assertIn("Nothing is remembered", self.run_it("memory", "list")[1])
        finally:
            operator.send_signal(signal.SIGTERM)
            self.assertEqual(operator.wait(30), 0)
            operator.stdout.close()

    def stop_in_a_call(self, how):
        """An operator gets the signal while its goal's call is connected; what it printed."""
        operator = subprocess.Popen(
            self.command("operate", "--calls", "loopback", "--drain", "1", "--calling-rules",
                         self.rules()),
            stdout=subprocess.PIPE, text=True, env=self.environment)
        try:
            self.assertIn("operator of", operator.stdout.readline())
            plan = self.plan(CALL.format(request='request = "I would like to book a visit."'))
            follow = subprocess.Popen(
                self.command("task", "new", "Phone the clinic", "--plan", plan, "--yes"),
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env=self.environment)
            for line in follow.stdout:
                if "connected" in line:
                    break
            operator.send_signal(how)
            status = operator.wait(timeout=60)
            follow.communicate(timeout=60)
            return status, operator.stdout.read()
        finally:
            operator.kill()
            operator.wait()
            operator.stdout.close()

    def test_a_stopped_operator_lets_its_call_say_goodbye_D22(self):
        status, printed = self.stop_in_a_call(signal.SIGTERM)
        self.assertEqual(status, 0)
        self.assertIn("calls under way get 1 s", printed)
        # Whether its end was written down before the process ended or is found by the next one, it
        # waits for its owner.
        code, out, _ = self.run_it("task", "resume", self.only_goal(), "--calls", "loopback")
        self.assertEqual(code, 4, out)
        self.assertRegex(" ".join(out.split()), "the call ended|the line was lost")

    def test_an_operator_killed_in_a_call_dials_nobody_again_D23(self):
        status, _ = self.stop_in_a_call(signal.SIGKILL)
        self.assertEqual(status, -signal.SIGKILL)
        code, out, _ = self.run_it("task", "resume", self.only_goal(), "--calls", "loopback")
        self.assertEqual(code, 4, out)
        self.assertIn("the line was lost", " ".join(out.split()))
        answered = os.listdir(os.path.join(self.data, "clinic", "calls"))
        self.assertEqual(len(answered), 1, answered)
        self.assertEqual(self.run_it("audit", "verify")[0], 0)

    def test_a_number_that_nobody_has_is_told_to_the_owner(self):
        plan = self.plan(CALL.format(request='request = "I would like to book a visit."'))
        code, out, error = self.run_it("task", "new", "Phone the clinic", "--plan", plan, "--yes",
                                       "--calling-rules", self.rules(), "--calls", "loopback",
                                       "--clinic-number", "+12015550143")
        self.assertEqual(code, 4, out + error)
        self.assertIn("the number does not exist", out)
        goal = self.only_goal()
        code, out, _ = self.run_it("replay", goal)
        self.assertEqual((code, "identical" in out), (0, True), out)

    def test_a_goal_that_waits_says_how_to_answer_and_goes_on(self):
        code, out, _ = self.run_it("task", "new", "Note it", "--plan", self.plan(ASKING))
        self.assertEqual(code, 4, out)
        goal = re.search(r"dragoman task answer (\w+)", out).group(1)
        code, out, _ = self.run_it("task", "approve", goal)
        self.assertEqual(code, 2)
        code, out, error = self.run_it("task", "answer", goal, "Smith")
        self.assertEqual(code, 0, out + error)
        code, _, error = self.run_it("task", "answer", goal, "Smith")
        self.assertEqual(code, 2)
        self.assertIn("no open goal", error)

    def test_cancelled_goals_stay_cancelled(self):
        _, out, _ = self.run_it("task", "new", "Note it", "--plan", self.plan(ASKING))
        goal = re.search(r"dragoman task answer (\w+)", out).group(1)
        self.assertEqual(self.run_it("task", "cancel", goal)[0], 0)
        code, out, _ = self.run_it("task", "show", goal)
        self.assertIn("CANCELLED", out)

    def test_a_look_makes_nothing(self):
        code, _, error = self.run_it("task", "list")
        self.assertEqual(code, 2)
        self.assertIn("no data directory", error)
        self.assertFalse(os.path.exists(self.data))

    def test_mistakes_are_named(self):
        for words, plan, expected in (
                ("", PLAN.format(to="a-0@example.net"), "the goal is empty"),
                ("x", "[[step]]\nid = \"a\"\ntool = \"send_emial\"\n", "send_email"),
                ("x", PLAN.format(to="nobody"), "'mail'"),
                ("call 911", PLAN.format(to="a-0@example.net"), "emergency"),
                ("x", "[[stap]]\n", "stap")):
            code, out, error = self.run_it("task", "new", words, "--plan", self.plan(plan))
            self.assertIn(code, (1, 2), out)
            self.assertIn(expected, error)
        self.assertIsNone(self.only_goal())

    def test_other_commands_speak_to_the_owner_of_the_directory(self):
        owner = subprocess.Popen(self.command("operate"), stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL, env=self.environment)
        try:
            owner.stdout.readline()
            _, out, error = self.run_it("task", "new", "Note it", "--plan", self.plan(ASKING))
            goal = re.search(r"dragoman task answer (\w+)", out).group(1)
            self.assertEqual(self.run_it("task", "answer", goal, "Smith")[0], 0)
            self.assertIn("COMPLETED", self.run_it("task", "show", goal)[1])
        finally:
            owner.send_signal(signal.SIGTERM)
            self.assertEqual(owner.wait(timeout=30), 0)
            owner.stdout.close()

    def test_secrets_are_kept_and_not_sent(self):
        self.assertEqual(self.run_it("vault", "list")[0], 2)
        self.assertEqual(self.run_it("vault", "init")[0], 0)
        code, out, error = self.run_it("vault", "put", "gym/password", "--kind", "password",
                                       text="open sesame 42\n")
        self.assertEqual(code, 0, error)
        self.assertIn("vault:gym/password", self.run_it("vault", "list")[1])
        plan = self.plan(PLAN.format(to="anna-0@example.net").replace(
            "What does it cost?", "It is open sesame 42"))
        code, _, error = self.run_it("task", "new", "leak", "--plan", plan, "--yes")
        self.assertEqual(code, 1)
        self.assertIn("vault_scan", error)
        with open(os.path.join(self.data, "dragoman.sqlite"), "rb") as file:
            self.assertNotIn(b"open sesame", file.read())
        os.rename(os.path.join(self.data, "vault.keys"), os.path.join(self.data, "moved"))
        code, _, error = self.run_it("task", "list")
        self.assertEqual(code, 2)
        self.assertIn("vault.keys is missing", error)

    def test_killed_anywhere_it_ends_the_same_and_writes_once_D1(self):
        chance = random.Random(2026)
        ended = 0
        # How long it takes when nobody kills it, on this machine and in this build.
        began = time.monotonic()
        code, out, error = self.run_it("task", "new", "Ask the gym", "--plan",
                                       self.plan(PLAN.format(to="unkilled-0@example.net")),
                                       "--yes", *self.server.options())
        self.assertEqual(code, 0, out + error)
        whole = time.monotonic() - began
        for number in range(ROUNDS):
            self.data = os.path.join(self.folder.name, f"data{number}")
            recipient = f"kill{number}-0@example.net"
            plan = self.plan(PLAN.format(to=recipient))
            new = self.command("task", "new", "Ask the gym", "--plan", plan, "--yes",
                               *self.server.options())
            process = subprocess.Popen(new, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=self.environment)
            time.sleep(whole * chance.uniform(0.1, 1.1))
            process.kill()
            process.wait()
            if self.only_goal() is None:  # killed before it was taken: nothing may have happened
                self.assertEqual(self.server.count(recipient), 0)
                continue
            resume = self.command("task", "resume", "--yes", *self.server.options())
            try:
                subprocess.run(resume, capture_output=True, timeout=20, env=self.environment)
            except subprocess.TimeoutExpired:
                pass  # what may have been sent is looked up for minutes before it is sent again
            _, out, _ = self.run_it("task", "list", "--all", "--json")
            state = json.loads(out)["goals"][0]["state"]
            sent = self.server.count(recipient)
            self.assertLessEqual(sent, 1, f"round {number}")
            if state == "COMPLETED":
                ended += 1
                self.assertEqual(sent, 1, f"round {number}")
            else:
                self.assertIn(state, ("READY_TO_EXECUTE", "AWAITING_USER_INPUT"))
            self.assertEqual(self.run_it("audit", "verify")[0], 0)
        print(f"{ended} of {ROUNDS} killed goals completed, none wrote twice", file=sys.stderr)
        self.assertGreater(ended, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
