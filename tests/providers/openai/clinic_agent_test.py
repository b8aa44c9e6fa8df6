"""The receptionist of fake_openai_server --agent understands more than one wording."""

import datetime
import json
import unittest

import clinic_agent

MONDAY = datetime.date(2026, 1, 5)
TOOLS = [{"type": "function", "function": {"name": name}}
         for name in ("check_availability", "book_appointment", "end_call")]


class Caller:
    """Talks to the agent, and runs its tools."""

    def __init__(self, free=("09:00", "10:30", "14:00")):
        self.messages = [{"role": "system", "content": "Be kind.\nToday is Monday, 2026-01-05."}]
        self.free = free
        self.booked = []
        self.ended = False

    def say(self, text):
        self.messages.append({"role": "user", "content": text})
        spoken = ""
        while True:
            answer = clinic_agent.answer({"messages": self.messages, "tools": TOOLS})
            spoken += answer.text + " "
            calls = [{"id": f"c{len(self.messages)}_{i}", "type": "function",
                      "function": {"name": name, "arguments": json.dumps(arguments)}}
                     for i, (name, arguments) in enumerate(answer.calls)]
            turn = {"role": "assistant", "content": answer.text}
            if calls:
                turn["tool_calls"] = calls
            self.messages.append(turn)
            for call, (name, arguments) in zip(calls, answer.calls):
                self.messages.append({"role": "tool", "tool_call_id": call["id"],
                                      "content": self.run(name, arguments)})
            if self.ended or not calls:
                return spoken

    def run(self, name, arguments):
        if name == "end_call":
            self.ended = True
        elif name == "book_appointment":
            if arguments["time"] not in self.free:
                return "error: taken"
            self.booked.append(arguments)
        else:
            free = [{"time": time, "doctor": "Lane"} for time in self.free]
            return json.dumps({"days": [{"date": arguments["date"], "free": free}]})
        return "{}"


class ClinicAgentTest(unittest.TestCase):
    def test_dates(self):
        for text, expected in (("tomorrow", (2026, 1, 6)), ("on friday please", (2026, 1, 9)),
                               ("next monday", (2026, 1, 12)), ("january sixth", (2026, 1, 6)),
                               ("the twenty first of february", (2026, 2, 21)),
                               ("january 2nd", (2027, 1, 2))):
            self.assertEqual(clinic_agent.read_date(text, MONDAY), datetime.date(*expected), text)
        self.assertIsNone(clinic_agent.read_date("sometime", MONDAY))

    def test_times(self):
        for text, expected in (("ten thirty", "10:30"), ("half past two", "14:30"), ("9:15", "09:15"),
                               ("at three in the afternoon", "15:00"), ("quarter to nine", "08:45"),
                               ("eleven o'clock", "11:00")):
            self.assertEqual(clinic_agent.read_time(text), expected, text)
        self.assertIsNone(clinic_agent.read_time("in the morning"))

    def test_a_name_is_read_from_letters_and_from_words_for_them(self):
        self.assertEqual(clinic_agent.read_name("s m i t h", True), "Smith")
        self.assertEqual(clinic_agent.read_name("sierra mike india tango hotel", True), "Smith")
        self.assertEqual(clinic_agent.read_name("foxtrot oscar x-ray", True), "Fox")
        self.assertIsNone(clinic_agent.read_name("the day after tomorrow", True))

    def test_books_what_was_confirmed(self):
        caller = Caller()
        self.assertIn("What day", caller.say("I'd like to book an appointment"))
        self.assertIn("What time", caller.say("tomorrow"))
        self.assertIn("last name", caller.say("ten thirty"))
        self.assertIn("ten thirty in the morning, for S M I T H. Shall I book it?",
                      caller.say("s m i t h"))
        self.assertIn("anything else", caller.say("yes please"))
        self.assertIn("Goodbye", caller.say("no thank you"))
        self.assertTrue(caller.ended)
        self.assertEqual(caller.booked, [{"name": "Smith", "date": "2026-01-06", "time": "10:30"}])

    def test_a_taken_place_is_not_booked(self):
        caller = Caller(free=("09:00",))
        caller.say("an appointment on friday at ten thirty")
        self.assertIn("nine in the morning", caller.messages[-1]["content"])
        self.assertIn("last name", caller.say("then at nine"))

    def test_a_no_books_nothing_and_asks_what_to_change(self):
        caller = Caller()
        caller.say("book a visit tomorrow at nine")
        caller.say("k o w a l s k y")
        self.assertIn("What should I change", caller.say("no that is wrong"))
        self.assertIn("What should I change", caller.say("well"))
        self.assertIn("last name", caller.say("the name"))
        self.assertIn("nine in the morning, for K O W A L S K I. Shall I book it?",
                      caller.say("k o w a l s k i"))
        self.assertEqual(caller.booked, [])
        caller.say("yes")
        self.assertEqual(caller.booked, [{"name": "Kowalski", "date": "2026-01-06", "time": "09:00"}])

    def test_a_no_with_the_right_value_is_taken_at_once(self):
        caller = Caller()
        caller.say("book a visit tomorrow at nine")
        caller.say("k o w a l s k i")
        self.assertIn("Friday the ninth of January", caller.say("no on friday"))
        self.assertEqual(caller.booked, [])

    def test_gibberish_is_asked_again(self):
        caller = Caller()
        caller.say("book an appointment")
        self.assertIn("did not understand", caller.say("colorless green ideas"))


if __name__ == "__main__":
    unittest.main()
