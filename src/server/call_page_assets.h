// The style and the script of a call page; both are literals and hold nothing of any call.
#ifndef DRAGOMAN_SRC_SERVER_CALL_PAGE_ASSETS_H_
#define DRAGOMAN_SRC_SERVER_CALL_PAGE_ASSETS_H_

#include <string_view>

namespace dragoman {

extern const std::string_view kCallPageStyle;
extern const std::string_view kCallPageScript;
// Base64 of the script's SHA-256, for the Content-Security-Policy: no other script runs.
extern const std::string_view kCallPageScriptHash;

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_SERVER_CALL_PAGE_ASSETS_H_
