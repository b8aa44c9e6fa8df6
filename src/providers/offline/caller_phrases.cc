#include "src/providers/offline/caller_phrases.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "src/providers/offline/pattern.h"

namespace dragoman::offline {
namespace {

constexpr auto kPhrases = std::to_array<CallerPhrase>({
    // Greetings and offers of help.
    {Cue::kGreeting, "good (morning | afternoon | evening)"},
    {Cue::kGreeting, "(hello | hi) [there]"},
    {Cue::kGreeting, "thank you for calling | thanks for calling"},
    {Cue::kGreeting,
     "(this is | you have reached | you've reached) [the] [automated | virtual] (assistant | "
     "receptionist | reception | office | clinic | practice)"},
    {Cue::kGreeting,
     "[my name is | this is] (jennifer | susan | karen | mike | john | mary | sarah | anna | david "
     "| lisa) speaking"},
    {Cue::kGreeting,
     "[of] [the] (riverside | city | family | dental | medical | community | main street) (clinic "
     "| office | practice | center)"},
    {Cue::kGreeting, "i can (book | make) [change] [or] [cancel] an appointment"},
    {Cue::kGreeting, "i can book change or cancel an appointment"},
    {Cue::kHelp, "how (can | may | could) (i | we) (help | assist) [you] [today]"},
    {Cue::kHelp, "(can | may) i help you", false},
    {Cue::kHelp, "what can (i | we) do for you [today]"},
    {Cue::kHelp, "how (can | may) i direct your call"},
    {Cue::kHelp, "what (are you | is it you are | is it you're) calling about"},
    {Cue::kHelp, "what (do | did | would) you (need | want) [today]"},
    {Cue::kHelp, "what (is | was) it you (wanted | needed)"},
    {Cue::kHelp, "[yes] go ahead"},
    // Day, time.
    {Cue::kAskDay,
     "(what | which) [other] (day | date) [would (you like | suit you | work for you | be good "
     "[for you] | work best [for you])]"},
    {Cue::kAskDay,
     "(what | which) (day | date) (are you looking for | were you thinking [of] | do you want | "
     "did you want | works [best] [for you] | suits you)"},
    {Cue::kAskDay, "do you have a [preferred | particular] (day | date) [in mind]"},
    {Cue::kAskDay, "(tell | give) me (a | the) (day | date)"},
    {Cue::kAskDay, "for (what | which) (day | date)"},
    {Cue::kAskDay, "what is the date"},
    {Cue::kAskTime,
     "(what | which) time [of day] [would (you like | suit you | work for you | be good [for you] "
     "| work best [for you])]"},
    {Cue::kAskTime,
     "(what | which) time (are you looking for | were you thinking [of] | do you want | did you "
     "want | works [best] [for you] | suits you)"},
    {Cue::kAskTime, "(at | and) what time"},
    {Cue::kAskTime, "do you have a [preferred] time [in mind]"},
    {Cue::kAskTime, "(tell | give) me (a | the) time"},
    {Cue::kAskTime,
     "[do you prefer | would you prefer | is that] [in the] morning or [in the] afternoon"},
    {Cue::kAskTime, "(mornings | morning) or (afternoons | afternoon)"},
    {Cue::kAskWhen, "when (would you like | do you want | did you want) [to come in | it | that]"},
    {Cue::kAskWhen, "when (would | does) (suit | that suit | work | it suit) [for] [you]"},
    {Cue::kAskWhen,
     "when (were you thinking | are you looking | is that | should it be | can you come [in] | are "
     "you (free | available))"},
    {Cue::kAskWhen, "(for | and) when [is that | would that be | please]"},
    {Cue::kAskWhen,
     "(what | which) (day | date) and [what] time [would you like | works for you | would suit "
     "you]"},
    {Cue::kAskWhen, "what (works | would work) [best] for you"},
    // Names.
    {Cue::kAskLastName, "(last name | surname | family name) [please]"},
    {Cue::kAskLastName,
     "[and] [what's | what is | what was | may i have | can i get | can i have] (your | the | her "
     "| his | patient's) (last name | surname | family name)"},
    {Cue::kAskFirstName,
     "[and] [what's | what is | what was | may i have | can i get | can i have] (your | the | her "
     "| his | patient's) first name"},
    {Cue::kAskFirstName, "first name [please]"},
    {Cue::kAskName,
     "(what's | what is | what was) (your | the | her | his | patient's) [full] name"},
    {Cue::kAskName,
     "(may i | can i | could i) (have | get | take | ask) (your | the | a | her | his | patient's) "
     "[full] name [please]"},
    {Cue::kAskName, "(your | the | patient's) [full] name [is] please"},
    {Cue::kAskName, "and your name [is]"},
    {Cue::kAskName, "(tell | give) me (your | the) [full] name"},
    {Cue::kAskName,
     "(what | which) name (is | should | shall | was) (it | that | this | i put) [under]"},
    {Cue::kAskName, "under (what | which) name"},
    {Cue::kAskName, "(who | whom) (is | will) (it | that | this | the appointment) [be] for"},
    {Cue::kAskName, "for (whom | who) is (it | that | this | the appointment)"},
    {Cue::kAskName, "who (is | would be) the patient"},
    {Cue::kAskName,
     "(i need | i'll need | i will need | i'd need | i just need) (your | the | a) [full] name"},
    {Cue::kAskLastName,
     "(i need | i'll need | i will need | i just need) (your | the | a) last name"},
    {Cue::kAskSpelling,
     "(spell | spelling of) [that | it | (your | the | her | his) (last | first | sur | family) "
     "name] [for me] [please]"},
    {Cue::kAskSpelling,
     "how (is | do you | would you | are you) (that | it) (spelled | spell [that | it])"},
    {Cue::kAskSpelling, "how do you spell [that | it | (your | the) [last] name]"},
    {Cue::kAskSpelling, "(can | could) you spell (that | it) [for me] [please]"},
    {Cue::kAskSpelling, "please spell your [last] name [for me] [letter by letter]"},
    {Cue::kAskSpelling, "[please spell your last name] slowly [one letter after the other]"},
    {Cue::kAskSpelling, "letter by letter", false},
    {Cue::kAskSpelling, "what (is | was | are) the (spelling | letters)"},
    // Other details.
    {Cue::kAskPhone,
     "[and] [what's | what is | may i have | can i have | can i get | give me] (your | a | the | "
     "best) [phone | telephone | contact | callback | mobile | cell] number [please | to reach you "
     "at | to call you back on]"},
    {Cue::kAskPhone,
     "(what | which) [phone | telephone | contact] number [(can | may | should) we (call | reach) "
     "you [back] [on | at]] [digit by digit]"},
    {Cue::kAskPhone, "(how | where) can we reach you"},
    {Cue::kAskPhone, "(phone | telephone | contact | callback | mobile | cell) number", false},
    {Cue::kAskDoctor,
     "(which | what) (doctor | physician | dentist | provider | practitioner) [would you like [to "
     "see] | do you (want | usually) [to see] | are you seeing]"},
    {Cue::kAskDoctor, "(who | whom) would you like to see"},
    {Cue::kAskDoctor, "(who | whom) do you (see | usually see | want to see)"},
    {Cue::kAskDoctor, "with (whom | which doctor | who)"},
    {Cue::kAskDoctor,
     "(a | any) (preferred | particular | specific) (doctor | provider | dentist)"},
    {Cue::kAskDoctor, "who is your (doctor | dentist | physician)"},
    {Cue::kAskReason,
     "what (is | are) (it | this | that | the appointment | the visit) (for | about | regarding)"},
    {Cue::kAskReason,
     "what is the (visit | appointment) for [a checkup a vaccination or a follow up]"},
    {Cue::kAskReason,
     "(what | what's) [is] the (reason | purpose) [for | of] [your | the] [visit | appointment | "
     "call]"},
    {Cue::kAskReason,
     "what (kind | type | sort) of (visit | appointment | treatment | service | problem)"},
    {Cue::kAskReason, "[and] the reason for (your | the) (visit | appointment | call)"},
    {Cue::kAskReason, "what (seems to be | is) the (problem | matter | trouble)"},
    {Cue::kAskReason,
     "what (brings you in | are you coming in for | would you like [to have] done)"},
    {Cue::kAskReason, "(is | will) (it | this) [be] (a | for a) (checkup | cleaning | follow up)"},
    {Cue::kAskBirth,
     "[what's | what is | may i have | can i get | and] [your | the | patient's] date of birth "
     "[please]"},
    {Cue::kAskBirth, "when were you born | [your] (birthday | birth date)"},
    {Cue::kAskAddress,
     "[and] [what's | what is | may i have | can i have] (your | the | home | mailing) address "
     "[please]"},
    {Cue::kAskAddress, "where do you live"},
    {Cue::kAskMail,
     "[and] [what's | what is | may i have | can i have] (your | an) email [address] [please]"},
    {Cue::kAskPeople, "(for | and) how many [people | guests | persons] [will you be]"},
    {Cue::kAskPeople, "how many (people | guests | persons | of you)"},
    {Cue::kIdentity,
     "(who is | who's | may i ask who is | may i ask who's | can i ask who's) calling [please]"},
    {Cue::kIdentity, "who (am i | are we) (speaking | talking) (with | to)"},
    {Cue::kIdentity,
     "(is this | are you | am i talking to | am i speaking to) a (robot | machine | computer | "
     "recording | bot | real person)"},
    {Cue::kIdentity, "who (is this | are you)"},
    {Cue::kSecret,
     "[i need | what is | may i have] [your | a] (credit | debit | bank) card [number] | card "
     "number | security code | expiration date"},
    {Cue::kSecret,
     "[what is | i need] [your] social security [number] | [your] password | pin (number | code) | "
     "bank account | account number | routing number"},
    {Cue::kOblige,
     "(leave | pay | take | need | require | put down) (a | the) [small] (deposit | fee)"},
    {Cue::kOblige, "(agree | say yes | consent | sign up) to"},
    {Cue::kOblige,
     "(would you like to | do you want to | you have to | you need to) (pay | sign | subscribe | "
     "enroll | upgrade)"},
    {Cue::kOblige,
     "[our] (contract | subscription | membership | cancellation policy | cancellation fee | terms "
     "and conditions)"},
    // Read-backs, offers, results.
    {Cue::kConfirm,
     "(shall | should | may | can) (i | we) [go ahead and] (book | confirm | schedule | reserve | "
     "cancel | move | change) [it | that | you | this]"},
    {Cue::kConfirm,
     "(shall | should | may | can) (i | we) (make | put | do | enter) [it | that | you | this]",
     false},
    {Cue::kConfirm, "(shall | should) i go ahead"},
    {Cue::kConfirm,
     "(is | was) (that | this | it | everything) [all] (right | correct | okay | fine | good)"},
    {Cue::kConfirm,
     "(do | did) (i | we) (have | get | hear) (that | it | this) (right | correctly)"},
    {Cue::kConfirm,
     "(is that | would that be | will that be) (okay | fine | all right | good) [for you | with "
     "you]"},
    {Cue::kConfirm,
     "(does | would | will) (that | this | it) (work | suit | be good | be okay | be fine | be all "
     "right | do) [for] [you]"},
    {Cue::kConfirm,
     "does (that | this | everything) sound (right | good | okay | all right | correct)"},
    {Cue::kConfirm,
     "(would you like | do you want) (me | us) to (book | confirm | schedule | cancel | change | "
     "move) [it | that | this] [for you]"},
    {Cue::kConfirm, "(would | do) you (like | want) [to take] (that | it | this) [one]"},
    {Cue::kConfirm, "(can | could | would) you [please] confirm [that]"},
    {Cue::kConfirm,
     "(let me | i'll | i will | just to) (confirm | read that back | repeat that | double check) "
     "[that]"},
    {Cue::kConfirm, "(correct | yes) or no"},
    {Cue::kConfirm, "i need a clear yes or no"},
    {Cue::kOffer, "(i | we) have | i've got | we've got"},
    {Cue::kOffer,
     "(i | we) (can | could) (do | offer | give | get you in | fit you in | squeeze you in | see "
     "you)"},
    {Cue::kOffer, "(how | what) about"},
    {Cue::kOffer,
     "(there is | there's | there are) [an] (opening | availability | something | slot) [at | on]"},
    {Cue::kOffer,
     "(the | our | my) (next | first | earliest | only) [available | free | opening] [appointment "
     "| slot | time] (is | would be)"},
    {Cue::kOffer, "(is | are) (available | free | open)"},
    {Cue::kOffer, "(would | could) you (come | do | make)"},
    {Cue::kOffer, "would you prefer"},
    {Cue::kOffer, "do you mean"},
    {Cue::kChoose,
     "which [one] (would you like | do you (want | prefer | mean) | would you prefer | works "
     "[better | best] [for you] | is it | would suit you)"},
    {Cue::kChoose,
     "(would | will | do) (either | any | one) [of] [those | these | them] (work | suit) [for] "
     "[you]"},
    {Cue::kTaken,
     "[i'm sorry] [that | the] [time | day | slot] (is | are | was | it's | that's) [already] "
     "(taken | gone | full | filled | unavailable | booked up | not available | not free | not "
     "possible)",
     false},
    {Cue::kTaken,
     "[i'm sorry] (that | the) [time | day | slot] is [already] (taken | gone | full | not "
     "available | booked up)"},
    {Cue::kTaken, "[is] [already] (taken | gone)", false},
    {Cue::kTaken,
     "[that | the] [time | day | slot] (is | are) (no longer available | not available | not free "
     "| fully booked)"},
    {Cue::kTaken,
     "(i | we) (have nothing | don't have anything | do not have anything | don't have that | have "
     "no) [free | available | left]"},
    {Cue::kTaken,
     "(we are | we're) (closed | fully booked | booked up | all booked | booked solid) [on]"},
    {Cue::kTaken, "somebody (has | just) (taken | took) (that | it)"},
    {Cue::kDoneBooked,
     "[your | the] (appointment | booking | reservation | visit | table | that | it) (is | has "
     "been) [now] (booked | scheduled | reserved | made)"},
    {Cue::kDoneBooked,
     "(you are | you're) [all] [now] (booked | scheduled | down | in) [in] [for]"},
    {Cue::kDoneBooked,
     "(i | we) have [just | now] (booked | scheduled | reserved | put) (you | it | that | your | "
     "the) [in | down] [for]"},
    {Cue::kDoneBooked,
     "(i've | we've) [just | now] (booked | scheduled | reserved | put) (you | it | that | your | "
     "the) [in | down] [for]"},
    {Cue::kDoneBooked, "(i | we) got you [down | in] [for]"},
    {Cue::kDoneBooked, "(i've | we've) got you [down | in] [for]"},
    {Cue::kDoneBooked, "(i'll | we'll | i will | we will) put you (down | in) [for]"},
    {Cue::kDoneBooked, "(we'll | we will | we | i'll) see you (then | on | at | tomorrow | next)"},
    {Cue::kDoneBooked, "see you (then | on | tomorrow | next)"},
    {Cue::kDone, "(you are | you're) [all] (set | good to go | confirmed)"},
    {Cue::kDone,
     "[your | the] (appointment | booking | reservation | visit | that | it | everything) (is | "
     "has been) [now | all] (confirmed | changed | moved | rescheduled | updated)"},
    {Cue::kDone,
     "[your | the] (appointment | booking | reservation | visit | that | it | everything) (is | "
     "has been) [now | all] (done | set)",
     false},
    {Cue::kDone, "your (appointment | booking | visit) is now (on | at | for)"},
    {Cue::kDone,
     "(i | we) have [just | now] (changed | moved | rescheduled | confirmed | updated) (it | that "
     "| you | your | the)"},
    {Cue::kDone,
     "(i've | we've) [just | now] (changed | moved | rescheduled | confirmed | updated) (it | that "
     "| you | your | the)"},
    {Cue::kDone, "all (set | done)"},
    {Cue::kDone, "(it's | that's) [all] [now] (confirmed | set | changed | moved)"},
    {Cue::kDoneBooked, "(it's | that's) [all] [now] (booked | scheduled | reserved)"},
    {Cue::kDoneCancelled, "(it's | that's) [now] (cancelled | canceled)"},
    {Cue::kDone, "(okay | it's | that's | it is | that is) done"},
    {Cue::kDoneCancelled,
     "[your | the] (appointment | booking | reservation | visit | that | it) (is | has been) [now] "
     "(cancelled | canceled)"},
    {Cue::kDoneCancelled,
     "(i | we) have [just | now] (cancelled | canceled | taken you off) [it | that | your | the]"},
    {Cue::kDoneCancelled, "(i've | we've) [just | now] (cancelled | canceled) [it | that | your]"},
    {Cue::kNotDone,
     "(have not | haven't | did not | didn't | could not | couldn't | was not able to | wasn't "
     "able to | unable to) (book | booked | change | changed | confirm | make | save)"},
    // Around them.
    {Cue::kHold, "[just] (one | a) (moment | second | minute | sec) [please]"},
    {Cue::kHold,
     "(hold on | hold the line | hang on | bear with me | stay on the line) [a moment | please]"},
    {Cue::kHold, "(please | can you | could you) hold"},
    {Cue::kHold,
     "let me (check | see | look | have a look | take a look | pull that up | find out) [that] "
     "[for you]"},
    {Cue::kHold,
     "(i'll | i will | let me) (put you through | transfer you | connect you | check | have a "
     "look)"},
    {Cue::kHold, "(take your time | no rush)"},
    {Cue::kRepeat, "pardon | excuse me"},
    {Cue::kRepeat, "come again", false},
    {Cue::kRepeat,
     "[can you | could you | would you] [please] (say | repeat) (that | it) [again] [please]"},
    {Cue::kRepeat,
     "[sorry | i'm sorry] (i did not | i didn't | didn't) (catch | hear | understand | get) [that "
     "| you | it]"},
    {Cue::kRepeat, "(i can't | i cannot | can't | i can hardly) (hear | understand) you"},
    {Cue::kRepeat, "(you're | you are) breaking up"},
    {Cue::kRepeat, "what (was | did) (that | you say)"},
    {Cue::kRefusal,
     "(we | i) (can't | cannot | can not | are not able to | are unable to) (do | help | offer | "
     "book | take | make | give) [that | you | it]"},
    {Cue::kRefusal,
     "(we | i) (don't | do not) (do | offer | take | accept | make | have) (that | those | "
     "appointments | reservations | bookings | new patients | any | anybody)"},
    {Cue::kRefusal, "(we are | we're) not (taking | accepting) [any | new]"},
    {Cue::kRefusal,
     "(no | not) (appointments | openings | availability) [available | at all | left]"},
    {Cue::kRefusal,
     "(i'm | i am) afraid (not | that is not possible | that's not possible | we can't)"},
    {Cue::kRefusal, "(that is | that's | it is | it's) not possible"},
    {Cue::kRefusal, "(i | we) (do not | don't) (want to | wish to) (talk | speak)"},
    {Cue::kRefusal,
     "(i | we) (do not | don't) (talk | speak) (to | with) (robots | machines | computers)"},
    {Cue::kRefusal, "[i] can't tell you [that]"},
    {Cue::kRefusal, "not interested"},
    {Cue::kWrongNumber,
     "[you have | you've got | i think you have | that's | this is] the wrong number"},
    {Cue::kWrongNumber,
     "this is (not | a private) [a] (clinic | office | business | residence | home)"},
    {Cue::kDoNotCall,
     "(do not | don't | please stop | stop) (call | calling) [us | me | here] [again]"},
    {Cue::kDoNotCall, "(never call | take us off | take me off | remove this number)"},
    {Cue::kVoicemail, "(leave | record) (a | your) message [after the (tone | beep)]"},
    {Cue::kVoicemail, "(after | at) the (tone | beep)"},
    {Cue::kKeys,
     "(press | dial) (zero | one | two | three | four | five | six | seven | eight | nine | star | "
     "pound) [for | to]"},
    {Cue::kGoodbye, "bye", false},
    {Cue::kGoodbye,
     "(goodbye | bye bye | good bye | have a (nice | good | great) (day | one | afternoon | "
     "evening | weekend) | take care)"},
    {Cue::kAnythingElse, "[is there] anything else [i can (do | help you with)] [for you] [today]"},
    {Cue::kAnythingElse, "what else can i do for you"},
    {Cue::kThanks, "(thank you | thanks | thanks a lot | appreciate it) [very much | so much]"},
    {Cue::kOkay,
     "okay | all right | sure | certainly | of course | great | perfect | no problem | very good | "
     "sounds good | absolutely | for example"},
    {Cue::kOkay,
     "(alright | alrighty | wonderful | good | yes | yeah | right | got it | excellent | "
     "understood | lovely | awesome | uh huh | welcome | no worries | fine | i see | so | then | "
     "and | well | sorry | i'm sorry)",
     false},
    {Cue::kOkay, "i (can | will) help you with that"},
    {Cue::kOkay, "(i'd | i would) be happy to [help [you] [with that]]"},
    {Cue::kGetBack,
     "(someone | somebody | we | i | the doctor) (will | can) (call | get back to) you [back]"},
    {Cue::kGetBack, "shall i take a message [so that somebody calls you back]"},
    {Cue::kGetBack, "shall i have somebody call you back"},
    {Cue::kGetBack,
     "you (have to | need to | can | should) (book | do | go) [that | it] (online | on our "
     "website)"},
    {Cue::kAskSomething, "have you been here before"},
    {Cue::kAskSomething, "are you (a | an) (new | existing | returning) (patient | customer)"},
    {Cue::kAskSomething, "do you have insurance | what insurance do you have"},
    {Cue::kAskSomething, "(have you | are you) [ever] (been | a) [here] [before]", false},
    {Cue::kAskSomething,
     "(do | did | does | have) you (have | need | want | take | know | remember)", false},
    {Cue::kAskSomething, "(are | is | was) (you | there | it | this | that) (a | an | any | your)",
     false},
    {Cue::kAskSomething, "(what | what's) [is | are] your", false},
    {Cue::kAskSomething, "(may | can | could) i (have | get | ask)", false},
    {Cue::kAskSomething, "(tell | give) me", false},
    {Cue::kAskSomething, "(insurance | insurer)", false},
    {Cue::kAskSomething, "(would | will) you", false},
});

// Never between the words of a phrase: they make it another one.
bool IsNegation(std::string_view word) {
  return OneOf(word, {"not", "nothing", "no", "never", "first", "last", "family", "doctor",
                      "dentist", "day", "date", "time", "name", "number"});
}

struct CompiledCue {
  Cue cue;
  Words words;
};

// By first word.
const std::multimap<std::string, CompiledCue>& Compiled() {
  static const auto* compiled = [] {
    auto* all = new std::multimap<std::string, CompiledCue>;
    for (const CallerPhrase& phrase : kPhrases) {
      auto sequences = NeededWords(phrase.pattern);
      if (!sequences.ok()) continue;  // a test reads them all
      for (const Words& sequence : *sequences) {
        Words words = Uncontracted(sequence);
        if (words.empty()) continue;
        const std::string first = words[0];
        all->emplace(first, CompiledCue{phrase.cue, std::move(words)});
      }
    }
    return all;
  }();
  return *compiled;
}

// The word after the phrase; 0: it does not stand here.
std::size_t EndOf(const Words& phrase, const Words& words, std::size_t at) {
  std::size_t next = at + 1;
  for (std::size_t i = 1; i < phrase.size(); ++i) {
    if (next < words.size() && words[next] == phrase[i]) {
      ++next;
    } else if (next + 1 < words.size() && words[next + 1] == phrase[i] &&
               !IsNegation(words[next])) {
      next += 2;
    } else {
      return 0;
    }
  }
  return next;
}

}  // namespace

std::span<const CallerPhrase> CallerPhrases() { return kPhrases; }

Words Uncontracted(const Words& words) {
  static const auto* whole = new std::map<std::string, Words>{{"can't", {"can", "not"}},
                                                              {"cannot", {"can", "not"}},
                                                              {"won't", {"will", "not"}},
                                                              {"let's", {"let", "us"}},
                                                              {"alright", {"all", "right"}},
                                                              {"alrighty", {"all", "right"}},
                                                              {"'s", {"is"}},
                                                              {"s", {"s"}},
                                                              {"'m", {"am"}},
                                                              {"'ve", {"have"}},
                                                              {"'ll", {"will"}},
                                                              {"'d", {"would"}},
                                                              {"'re", {"are"}},
                                                              {"surname", {"last", "name"}},
                                                              {"wanna", {"want", "to"}},
                                                              {"gonna", {"going", "to"}}};
  static constexpr std::pair<std::string_view, std::string_view> kTails[] = {
      {"n't", "not"},  {"'re", "are"},  {"'ve", "have"},
      {"'ll", "will"}, {"'d", "would"}, {"'m", "am"}};
  Words plain;
  for (const std::string& word : words) {
    if (auto it = whole->find(word); it != whole->end()) {
      plain.insert(plain.end(), it->second.begin(), it->second.end());
      continue;
    }
    std::string_view stem = word;
    std::string_view tail;
    for (const auto& [ending, full] : kTails) {
      if (stem.size() > ending.size() && stem.ends_with(ending)) {
        stem.remove_suffix(ending.size());
        tail = full;
        break;
      }
    }
    // Not every "'s" is an "is": "doctor lane's", "patient's".
    for (std::string_view pronoun : {"it's", "that's", "what's", "who's", "there's", "here's",
                                     "how's", "where's", "when's", "name's", "everything's"}) {
      if (word != pronoun) continue;
      stem.remove_suffix(2);
      tail = "is";
    }
    plain.emplace_back(stem);
    if (!tail.empty()) plain.emplace_back(tail);
  }
  return plain;
}

std::vector<HeardCue> CuesIn(const Words& words) {
  std::vector<HeardCue> all;
  for (std::size_t at = 0; at < words.size(); ++at) {
    auto [it, last] = Compiled().equal_range(words[at]);
    for (; it != last; ++it) {
      const std::size_t end = EndOf(it->second.words, words, at);
      if (end == 0) continue;
      if (std::none_of(all.begin(), all.end(), [&](const HeardCue& one) {
            return one.cue == it->second.cue && one.at == at && one.end >= end;
          })) {
        all.push_back({it->second.cue, at, end});
      }
    }
  }
  std::vector<HeardCue> kept;
  for (const HeardCue& one : all) {
    const bool inside = std::any_of(all.begin(), all.end(), [&](const HeardCue& other) {
      return other.at <= one.at && one.end <= other.end && other.end - other.at > one.end - one.at;
    });
    if (!inside) kept.push_back(one);
  }
  return kept;
}

std::span<const std::string_view> FrequentSurnames() {
  static constexpr std::string_view kNames[] = {
      "smith",    "johnson", "williams", "brown",    "jones",    "garcia",   "miller", "davis",
      "martinez", "lopez",   "wilson",   "anderson", "thomas",   "taylor",   "moore",  "jackson",
      "martin",   "lee",     "thompson", "white",    "harris",   "clark",    "lewis",  "robinson",
      "walker",   "young",   "allen",    "king",     "wright",   "scott",    "hill",   "green",
      "adams",    "nelson",  "baker",    "hall",     "campbell", "mitchell", "carter", "roberts",
      "patel",    "kim",     "novak",    "lane",     "cohen",    "singh",    "murphy", "kelly"};
  return kNames;
}

}  // namespace dragoman::offline
