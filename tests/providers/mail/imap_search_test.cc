#include "src/providers/mail/imap_search.h"

#include <optional>

#include "gtest/gtest.h"

namespace dragoman {
namespace {

TEST(ImapSearchTest, AsksForTheMessageIdOrTheMark) {
  EXPECT_EQ(ImapSearchFor("d.12ab", "<d.12ab@example.org>"),
            "UID SEARCH OR HEADER Message-ID \"<d.12ab@example.org>\" HEADER X-Dragoman-Agent "
            "\"d.12ab\"");
}

TEST(ImapSearchTest, CountsTheMessagesOfSearchLinesAmongOthers) {
  EXPECT_EQ(CountImapHits("* SEARCH 41 42 43\r\n"), 3);
  EXPECT_EQ(CountImapHits("* 18 EXISTS\r\n* SEARCH 42\r\n* 17 FETCH (FLAGS (\\Seen))\r\n"), 1);
  EXPECT_EQ(CountImapHits("* search 2 84 882 (MODSEQ 917162500)\r\n"),
            3);  // RFC 7162 section 3.1.5
  EXPECT_EQ(CountImapHits("* SEARCH 1\r\n* SEARCH 2\r\n"), 2);
}

TEST(ImapSearchTest, AnEmptySearchLineSaysThatThereIsNone) {
  EXPECT_EQ(CountImapHits("* SEARCH\r\n"), 0);
  EXPECT_EQ(CountImapHits("* SEARCH \r\n"), 0);
}

TEST(ImapSearchTest, WithoutASearchLineNothingIsSaid) {
  for (const char* lines : {"", "\r\n", "* 3 EXISTS\r\n", "* ESEARCH (TAG \"A1\") UID ALL 4\r\n",
                            "SEARCH 4\r\n", "* SEARCHES 4\r\n"}) {
    EXPECT_EQ(CountImapHits(lines), std::nullopt) << lines;
  }
}

TEST(ImapSearchTest, ALineThatCannotBeReadIsNoAnswer) {
  for (const char* lines :
       {"* SEARCH x\r\n", "* SEARCH 0\r\n", "* SEARCH -1\r\n", "* SEARCH 12345678901\r\n"}) {
    EXPECT_EQ(CountImapHits(lines), std::nullopt) << lines;
  }
}

}  // namespace
}  // namespace dragoman
