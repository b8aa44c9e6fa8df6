"""A small receptionist by rules, behind the shape of a chat model: what fake_openai_server --agent says.

It keeps nothing between requests: where the dialogue stands is read from the messages. It knows one
errand, booking a visit, and says what it is. Only what the caller confirmed is booked.
"""

import datetime
import json
import re

ONES = {word: number for number, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split())}
MINUTES = {"fifteen": 15, "thirty": 30, "forty five": 45, "o'clock": 0}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = ("january february march april may june july august september october november "
          "december").split()
ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
            "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
            "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth "
            "twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first").split()
YES = re.compile(r"\b(yes|yeah|yep|correct|that's right|that is right|please do|sure)\b")
NO = re.compile(r"\b(no|nope|wrong|not right|don't)\b")
BYE = re.compile(r"\b(no thank|no thanks|that's all|that is all|goodbye|bye|nothing else)\b")
WISH = re.compile(r"\b(book|appointment|visit|see (a|the) doctor|come in)\b")


class Answer:
    def __init__(self, text="", calls=()):
        self.text = text
        self.calls = list(calls)

    def words(self):
        return re.findall(r"\S+\s*", self.text)


def read_date(text, today):
    text = text.lower()
    if "day after tomorrow" in text:
        return today + datetime.timedelta(2)
    if "tomorrow" in text:
        return today + datetime.timedelta(1)
    if "today" in text:
        return today
    for month, month_name in enumerate(MONTHS, 1):
        if month_name not in text:
            continue
        for day in range(31, 0, -1):
            spoken = ORDINALS[day - 1].replace("-", "[- ]")
            if re.search(rf"\b({spoken}|{day}(st|nd|rd|th)?)\b", text):
                year = today.year + ((month, day) < (today.month, today.day))
                try:
                    return datetime.date(year, month, day)
                except ValueError:
                    return None
    for number, name in enumerate(DAYS):
        if re.search(rf"\b{name}\b", text):
            return today + datetime.timedelta((number - today.weekday() - 1) % 7 + 1)
    return None


def read_time(text):
    text = text.lower()
    number = "|".join(ONES)
    digits = re.search(r"\b(\d{1,2}):(\d\d)\b", text)
    hour, minute = None, 0
    if digits:
        hour, minute = int(digits[1]), int(digits[2])
    elif found := re.search(rf"\bhalf past ({number})\b", text):
        hour, minute = ONES[found[1]], 30
    elif found := re.search(rf"\bquarter past ({number})\b", text):
        hour, minute = ONES[found[1]], 15
    elif found := re.search(rf"\bquarter to ({number})\b", text):
        hour, minute = ONES[found[1]] - 1, 45
    elif found := re.search(rf"\b({number}) ({'|'.join(MINUTES)})\b", text):
        hour, minute = ONES[found[1]], MINUTES[found[2]]
    elif found := re.search(rf"\b(?:at |^)({number})\b", text) or re.search(
            rf"\b({number})(?= (?:in the|a\.?m|p\.?m))", text):
        hour = ONES[found[1]]
    if hour is None or hour > 23 or minute > 59:
        return None
    if hour < 12 and (re.search(r"\bp\.?m\b|afternoon|evening", text) or hour < 8):
        hour += 12
    return f"{hour:02}:{minute:02}"


NATO = frozenset(
    "alfa alpha bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey xray yankee zulu".split())


def read_name(text, asked):
    words = re.findall(r"[a-z]+", text.lower().replace("x-ray", "xray"))
    if asked and len(words) >= 2 and all(word in NATO for word in words):
        return "".join(word[0] for word in words).capitalize()
    letters = re.search(r"\b[a-z](?:[\s.,-]+[a-z]\b){1,}", text.lower())
    if letters:
        spelled = re.sub(r"[^a-z]", "", letters[0])
        if len(spelled) >= 2:
            return spelled.capitalize()
    named = re.search(r"\b(?:my |last )*name is ([a-z'-]+)", text.lower())
    if named:
        return named[1].capitalize()
    word = text.strip(" .?!").lower()
    if asked and re.fullmatch(r"[a-z'-]{2,}", word) and word not in ("yes", "no", "tomorrow"):
        return word.capitalize()
    return None


def say_date(date):
    return f"{DAYS[date.weekday()].capitalize()} the {ORDINALS[date.day - 1]} of " \
           f"{MONTHS[date.month - 1].capitalize()}"


def say_time(clock):
    hour, minute = map(int, clock.split(":"))
    words = list(ONES)
    part = "in the morning" if hour < 12 else "in the afternoon"
    spoken = words[(hour - 1) % 12 + 1]
    if minute:
        spoken += " " + {15: "fifteen", 30: "thirty", 45: "forty five"}.get(minute, str(minute))
    return f"{spoken} {part}"


def today_of(messages):
    for message in messages:
        if message["role"] in ("system", "developer"):
            if found := re.search(r"Today is \w+, (\d{4})-(\d\d)-(\d\d)", message["content"]):
                return datetime.date(*map(int, found.groups()))
    return datetime.date.today()


class Dialogue:
    """What the messages add up to."""

    def __init__(self, messages):
        self.today = today_of(messages)
        self.wants = False
        self.date = self.time = self.name = None
        self.confirmed = self.declined = self.leaving = False
        self.changing = False  # something read back was wrong, and what it was is not known yet
        self.booked = False
        self.result = None  # of the last tool call, when nothing was said since
        self.heard = False  # the caller said something that meant something
        self.calls = {}
        last = ""
        for message in messages:
            self.result = None
            if message["role"] == "user":
                self.take_turn(message["content"], last.lower())
            elif message["role"] == "assistant":
                last = message.get("content") or last
                for call in message.get("tool_calls", []):
                    self.calls[call["id"]] = call["function"]["name"]
            elif message["role"] == "tool":
                self.take_result(message)

    def take_turn(self, text, question):
        before = (self.wants, self.date, self.time, self.name)
        self.confirmed = self.declined = False
        changing = False
        lower = text.lower()
        if "shall i book" in question:
            self.confirmed = bool(YES.search(lower)) and not NO.search(lower)
            self.declined = bool(NO.search(lower))
        elif "anything else" in question and (BYE.search(lower) or NO.search(lower)):
            self.leaving = True
        elif BYE.search(lower):
            self.leaving = True
        self.wants = self.wants or bool(WISH.search(lower))
        if "what should i change" in question:
            changing = not self.forget(lower)
        self.date = read_date(text, self.today) or self.date
        self.time = read_time(text) or self.time
        self.name = read_name(text, "last name" in question) or self.name
        after = (self.wants, self.date, self.time, self.name)
        # "No, on Friday" says at once what to change.
        self.changing = (changing or self.declined) and before == after
        self.heard = before != after or self.confirmed or self.declined or self.leaving

    def forget(self, lower):
        """Drops what the caller names as wrong. False: nothing was named."""
        everything = bool(re.search(r"\b(everything|all)\b", lower))
        found = False
        for slot, nouns in (("date", "day|date"), ("time", "time|hour"), ("name", "name|spelling")):
            if everything or re.search(rf"\b({nouns})\b", lower):
                setattr(self, slot, None)
                found = True
        return found

    def take_result(self, message):
        tool = self.calls.get(message["tool_call_id"])
        self.result = (tool, message["content"])
        failed = message["content"].startswith("error:")
        if tool == "book_appointment" and not failed:
            self.booked = True
        elif tool == "book_appointment":
            self.time = None  # taken, most likely: another one is needed
        elif tool == "check_availability" and not failed and not self.is_free(message["content"]):
            self.time = None

    def is_free(self, text):
        try:
            days = json.loads(text)["days"]
        except (ValueError, KeyError, TypeError):
            return True
        return any(place["time"] == self.time for day in days for place in day["free"])

    def offers(self, text):
        try:
            days = json.loads(text)["days"]
        except (ValueError, KeyError, TypeError):
            return []
        times = sorted({place["time"] for day in days for place in day["free"]})
        return times[:: max(1, len(times) // 3)][:3]


def ask_next(d):
    if d.changing:
        return "What should I change: the day, the time, or the name?"
    if d.date is None:
        return "What day would suit you?"
    if d.time is None:
        return f"What time on {say_date(d.date)} would suit you?"
    if d.name is None:
        return "Please spell your last name for me, letter by letter."
    return f"I have {say_date(d.date)} at {say_time(d.time)}, for {' '.join(d.name.upper())}. " \
           "Shall I book it?"


def answer(request):
    messages = request["messages"]
    tools = {tool["function"]["name"] for tool in request.get("tools", [])}
    d = Dialogue(messages)
    if d.result and d.result[0] == "book_appointment":
        if d.booked:
            return Answer(f"It is booked: {say_date(d.date)} at {say_time(d.time)}. "
                          "Is there anything else I can do?")
        return Answer("I am sorry, that did not work. What time would suit you instead?")
    if d.result and d.result[0] == "check_availability" and d.time is None:
        offers = [say_time(time) for time in d.offers(d.result[1])]
        if not offers:
            return Answer("There is nothing free then. What other day would suit you?")
        return Answer(f"That place is taken. I have {', '.join(offers)}. What time would suit you?")
    if d.leaving:
        if "end_call" in tools:
            return Answer("Thank you for calling. Goodbye.", [("end_call", {})])
        return Answer("Thank you for calling. Goodbye.")
    if not d.wants and d.date is None:
        return Answer("I am a test program that books visits. What can I do for you?")
    if d.confirmed and d.name and d.date and d.time and "book_appointment" in tools:
        return Answer("One moment.", [("book_appointment", {
            "name": d.name, "date": d.date.isoformat(), "time": d.time})])
    if d.date and d.time and d.name is None and d.result is None and \
            "check_availability" in tools and d.heard:
        return Answer("Let me look.", [("check_availability", {"date": d.date.isoformat()})])
    sorry = "" if d.heard or d.result else "I did not understand that. "
    return Answer(sorry + ask_next(d))
