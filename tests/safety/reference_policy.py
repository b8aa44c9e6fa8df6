"""The safety rules a second time, written from the safety contract, sharing nothing with the C++.

    reference_policy.py PROGRAM COUNT SEED

runs PROGRAM (tests/safety/random_calls.cc), reads its cases, decides each by the rules below, and
compares. Exit status 1 with the first disagreements, else 0.
"""

import collections
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ALLOW, CONFIRM, DENY = "ALLOW", "CONFIRM", "DENY"
INTEGRITY = ["untrusted", "derived", "service", "config", "user"]
SECRECY = ["public", "personal", "sensitive", "secret"]
EFFECTS = {"outward", "money", "contract", "identity", "transfer"}
GRAVE = {"money", "contract", "identity"}

# Area code: state and every zone that the state keeps.
EAST, CENTRAL = "America/New_York", "America/Chicago"
AREAS = {"201": ("NJ", [EAST]), "415": ("CA", ["America/Los_Angeles"]),
         "305": ("FL", [EAST, CENTRAL]), "214": ("TX", [CENTRAL, "America/Denver"]),
         "205": ("AL", [CENTRAL, EAST])}
# A toll-free number may be answered anywhere in the country.
ANYWHERE_US = [EAST, CENTRAL, "America/Denver", "America/Phoenix", "America/Los_Angeles",
               "America/Anchorage", "America/Adak", "Pacific/Honolulu"]


def number_of(text):
    """(E.164, country, state, zones), or None where it is never dialled or is no number."""
    text = text.strip()
    if not re.fullmatch(r"[0-9+()\-./ ]+", text) or text.count("+") > 1 or "+" in text[1:]:
        return None
    digits = re.sub(r"\D", "", text)
    plus = text.startswith("+")
    if digits in ("911", "112", "999", "000", "110", "119") or (not plus and len(digits) < 7):
        return None
    if not plus:
        if digits.startswith("011"):
            digits = digits[3:]
        elif len(digits) == 10:
            digits = "1" + digits
    if re.match(r"87|88[1238]|979", digits):  # satellite and global
        return None
    if digits.startswith("1"):
        if len(digits) != 11:
            return None
        area = digits[1:4]
        if area == "900":
            return None
        if area in ("876", "416"):
            return "+" + digits, "other", None, []
        if area == "800":
            return "+" + digits, "US", None, ANYWHERE_US
        state, zones = AREAS[area]
        return "+" + digits, "US", state, zones
    if digits.startswith("44"):
        rest = digits[2:]
        if len(rest) < 9 or rest[0] in "9" or rest.startswith(("70", "84", "87")):
            return None
        return "+" + digits, "GB", None, ["Europe/London"]
    if digits.startswith("49"):
        rest = digits[2:]
        if len(rest) < 5 or rest.startswith(("900", "180")):
            return None
        return "+" + digits, "DE", None, ["Europe/Berlin"]
    return None


def nth(year, month, weekday, n):
    day = datetime(year, month, 1)
    day += timedelta(days=(weekday - day.weekday()) % 7 + 7 * (n - 1))
    return day.date()


def holidays(year):
    """Federal holidays and the weekdays on which they are observed."""
    days = set()
    for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
        date = datetime(year, month, day).date()
        days.add(date)
        if date.weekday() == 5:
            days.add(date - timedelta(days=1))
        if date.weekday() == 6:
            days.add(date + timedelta(days=1))
    days |= {nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 9, 0, 1), nth(year, 10, 0, 2),
             nth(year, 11, 3, 4)}
    last = datetime(year, 5, 31).date()
    days.add(last - timedelta(days=last.weekday()))
    return days


def within_hours(state, country, zones, moment):
    """The calling rules: federal 8 to 21 everywhere, narrower in some states."""
    for zone in zones:
        local = moment.astimezone(ZoneInfo(zone))
        minute, day = local.hour * 60 + local.minute, local.weekday()
        first, last = 8 * 60, 21 * 60
        if state == "FL":
            last = 20 * 60
        if state == "AL":
            last = 20 * 60
            if day == 6 or local.date() in holidays(local.year) or \
                    local.date() in holidays(local.year + 1):
                return False
        if state == "TX":
            first = 12 * 60 if day == 6 else 9 * 60
        if not first <= minute < last:
            return False
    return bool(zones)


class Twins(Exception):
    pass


def parse(text):
    def pairs(items):
        if len({k for k, _ in items}) != len(items):
            raise Twins()
        return dict(items)
    value = json.loads(text, object_pairs_hook=pairs)
    if not isinstance(value, dict):
        raise Twins()
    for member in value.values():
        if isinstance(member, int) and abs(member) > 2**53:
            raise Twins()
    return value


MAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*")


def sink_of(role, text):
    """The canonical destination, or None where there is none."""
    if role == "mail":
        if not MAIL.fullmatch(text):
            return None
        local, host = text.split("@")
        return "mailto:" + local + "@" + host.lower()
    if role == "url":
        match = re.fullmatch(r"https?://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)(?:/\S*)?", text, re.I)
        return "host:" + match.group(1).lower() if match else None
    name = " ".join(text.split()).lower()
    return "payee:" + name if name else None


def decide(case):
    risk, roles = case["risk"], case["roles"]
    if case["killed"] or risk in ("undeclared", "administrative", "transfer"):
        return DENY
    if case["pinned"] != "same":
        return DENY
    try:
        arguments = parse(case["arguments"])
    except (Twins, ValueError):
        return DENY
    if case["repeats"] >= 3:
        return DENY

    def label(name):
        return case["labels"].get(
            name, {"integrity": "untrusted", "confidentiality": "secret", "readers": []})

    ask = False
    sinks, numbers, calls, messages = set(), [], 0, 0
    has_destination = False
    for name, value in arguments.items():
        role = roles.get(name, "payload")
        if role not in ("phone", "sms", "mail", "url", "payee"):
            continue
        has_destination = True
        values = value if isinstance(value, list) else [value]
        for text in values:
            if role in ("phone", "sms"):
                number = number_of(text)
                if number is None:
                    return DENY
                numbers.append((role, number))
                sinks.add("tel:" + number[0])
                calls += role == "phone"
                messages += role == "sms"
            else:
                sink = sink_of(role, text)
                if sink is None:
                    return DENY
                sinks.add(sink)
                messages += role == "mail"
        if INTEGRITY.index(label(name)["integrity"]) < INTEGRITY.index("config"):
            if risk in GRAVE:
                return DENY
            ask = True
    if risk in EFFECTS and not has_destination:
        if not case["session_sink"]:
            return DENY
        sinks.add(case["session_sink"])

    moment = datetime.fromtimestamp(case["utc"], timezone.utc)
    for role, (_, country, state, zones) in numbers:
        if country != "US" and country not in case["countries"]:
            return DENY
        if case["blocked"] or not within_hours(state, country, zones, moment):
            return DENY
        needed = {"marketing": 2, "personal": 1 if country == "US" else 0,
                  "errand": 0}[case["purpose"]]
        given = 0 if case["revoked"] else ["none", "express", "written"].index(case["consent"])
        if given < needed:
            return DENY
        if role == "phone":
            if case["calls_last_hour"] >= 2 or \
                    case["calls_last_hour"] + case["calls_five_hours_ago"] >= 3:
                return DENY
            if not case["discloses"]:
                return DENY

    minutes, amount = 10, None
    for name, value in arguments.items():
        role = roles.get(name, "payload")
        if role == "digits":
            if not re.fullmatch(r"[0-9*#]{1,32}", value):
                return DENY
            if value.startswith("*") and value not in case["declared_digits"]:
                return DENY
        if role == "minutes":
            if not isinstance(value, int) or not 1 <= value <= 60:
                return DENY
            minutes = value
        if role == "money":
            match = re.fullmatch(r"(\d+)(?:\.(\d\d))? ([A-Z]{3})", value)
            if not match:
                return DENY
            amount = (int(match.group(1)) * 100 + int(match.group(2) or 0), match.group(3))
        # What flows where.
        if role in ("phone", "sms", "mail", "payee"):
            continue
        secrecy = SECRECY.index(label(name)["confidentiality"])
        readers = label(name)["readers"]
        outside = [s for s in sinks if readers != "*" and s not in readers]
        if role in ("url", "query") and secrecy > 0:
            return DENY
        if secrecy >= 2 and outside:
            return DENY
        if secrecy == 1 and outside:
            ask = True
        if risk == "learn":
            integrity = INTEGRITY.index(label(name)["integrity"])
            if integrity == 0:
                return DENY
            if integrity < INTEGRITY.index("config"):
                ask = True
    if "4516" in case["arguments"]:
        return DENY  # a secret in plain
    for handle in re.findall(r"\{\{vault:([^}]*)\}\}", case["arguments"]):
        if handle != "pin" or not sinks or sinks != {"tel:+12015550123"}:
            return DENY
    if risk == "money" and amount is None:
        return DENY

    if risk in EFFECTS and case["untrusted_input"] and case["private_data"]:
        ask = True
    if risk in GRAVE:
        ask = True

    used = case["used"]
    money = collections.Counter(EUR=calls * minutes * 5 + sum(
        10 for role, _ in numbers if role == "sms"))
    if amount:
        money[amount[1]] += amount[0]
    for currency, hundredths in money.items():
        spent = used["eur"] if currency == "EUR" else 0
        limit = 2500 if currency in ("EUR", "USD", "GBP") else 0
        if hundredths > 0 and spent + hundredths > limit:
            return DENY
    if calls and (used["calls"] + calls > 10 or used["minutes"] + calls * minutes > 60 or
                  case["open_call"]):
        return DENY
    if messages and used["messages"] + messages > 20:
        return DENY
    if used["steps"] + 1 > 30:
        return DENY

    answer = case["answer"]
    if answer in ("other", "expired", "no"):
        return DENY
    if ask:
        return ALLOW if answer == "yes" else CONFIRM
    return ALLOW


def main(arguments):
    program, count, seed = arguments
    run = subprocess.Popen([program, count, seed], stdout=subprocess.PIPE, text=True)
    tally, differ, total = collections.Counter(), 0, 0
    by_rule = collections.Counter()
    for line in run.stdout:
        case = json.loads(line)
        total += 1
        tally[case["verdict"]] += 1
        by_rule[case["verdict"] + " " + case["rule"]] += 1
        verdict = decide(case)
        if verdict != case["verdict"]:
            differ += 1
            if differ <= 5:
                print(f"reference {verdict}, governor {case['verdict']} ({case['rule']}): {line}")
    if run.wait() != 0 or total != int(count):
        print(f"the program failed after {total} cases")
        return 1
    print(f"{total} calls, {differ} disagreements;",
          ", ".join(f"{n} {v}" for v, n in sorted(tally.items())))
    for name, n in sorted(by_rule.items()):
        print(f"  {n:7} {name}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
