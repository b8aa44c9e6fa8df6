// The parts of a call page, each a piece of markup.
#ifndef DRAGOMAN_SRC_SERVER_CALL_PAGE_PARTS_H_
#define DRAGOMAN_SRC_SERVER_CALL_PAGE_PARTS_H_

#include <optional>

#include "dragoman/server/call_page.h"
#include "src/server/html.h"

namespace dragoman {

// The waterfall's time from the caller's last sound to the reply's first, when both are known.
std::optional<std::chrono::milliseconds> ResponseTime(const CallPageWaterfall& waterfall);

void AddPlayer(const CallPageInput& input, Html& out);
void AddWaterfalls(const CallPageInput& input, Html& out);
void AddTranscript(const CallPageInput& input, Html& out);
void AddFiles(const CallPageInput& input, Html& out);
void AddChecks(const CallPageInput& input, Html& out);
void AddFacts(const CallPageInput& input, Html& out);
void AddEvents(const CallPageInput& input, Html& out);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_SERVER_CALL_PAGE_PARTS_H_
