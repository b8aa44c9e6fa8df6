#include "dragoman/conversation/tool_spec.h"

namespace dragoman {

std::string_view Name(ToolRisk risk) {
  switch (risk) {
    case ToolRisk::kUndeclared:
      return "undeclared";
    case ToolRisk::kRead:
      return "read";
    case ToolRisk::kLocal:
      return "local";
    case ToolRisk::kOutward:
      return "outward";
    case ToolRisk::kMoney:
      return "money";
    case ToolRisk::kContract:
      return "contract";
    case ToolRisk::kIdentity:
      return "identity";
    case ToolRisk::kLearn:
      return "learn";
    case ToolRisk::kTransfer:
      return "transfer";
    case ToolRisk::kAdministrative:
      return "administrative";
  }
  return "undeclared";
}

std::string_view Name(ArgumentRole role) {
  switch (role) {
    case ArgumentRole::kPayload:
      return "payload";
    case ArgumentRole::kPhone:
      return "phone";
    case ArgumentRole::kSms:
      return "sms";
    case ArgumentRole::kMail:
      return "mail";
    case ArgumentRole::kUrl:
      return "url";
    case ArgumentRole::kQuery:
      return "query";
    case ArgumentRole::kPayee:
      return "payee";
    case ArgumentRole::kMoney:
      return "money";
    case ArgumentRole::kMinutes:
      return "minutes";
    case ArgumentRole::kDigits:
      return "digits";
    case ArgumentRole::kCaller:
      return "caller";
  }
  return "payload";
}

}  // namespace dragoman
