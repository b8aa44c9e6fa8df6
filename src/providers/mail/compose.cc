#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/mail/mail_message.h"

namespace dragoman {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename Type>
using Held = std::unique_ptr<Type, Unref>;

void StartGMime() {
  static std::once_flag once;  // g_mime_init counts, but is not safe from two threads at once
  std::call_once(once, [] { g_mime_init(); });
}

// Every line end becomes `line_end`, and the last line has one.
std::string WithLineEnds(std::string_view text, std::string_view line_end) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\r' || text[i] == '\n') {
      out += line_end;
    } else {
      out += text[i];
    }
  }
  if (!out.ends_with(line_end)) out += line_end;
  return out;
}

// Readable as it is where it can be; quoted-printable where a few characters are beyond ASCII or a
// line is long; base64 where most are.
GMimeContentEncoding EncodingFor(std::string_view text) {
  std::size_t beyond = 0;
  std::size_t line = 0;
  std::size_t longest = 0;
  for (char c : text) {
    beyond += static_cast<unsigned char>(c) >= 0x80;
    line = c == '\n' || c == '\r' ? 0 : line + 1;
    longest = std::max(longest, line);
  }
  if (beyond * 3 > text.size()) return GMIME_CONTENT_ENCODING_BASE64;
  if (beyond > 0 || longest > 78) return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
  return GMIME_CONTENT_ENCODING_7BIT;
}

Held<GMimePart> MakeBody(const std::string& text) {
  const GMimeContentEncoding encoding = EncodingFor(text);
  // The newline filter works on what is written; inside base64 the line ends must be right already.
  const std::string content =
      WithLineEnds(text, encoding == GMIME_CONTENT_ENCODING_BASE64 ? "\r\n" : "\n");
  Held<GMimePart> part(g_mime_part_new_with_type("text", "plain"));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(content.data(), content.size()));
  const Held<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), wrapper.get());
  g_mime_part_set_content_encoding(part.get(), encoding);
  return part;
}

bool IsMark(std::string_view mark) {
  return !mark.empty() && mark.size() <= 64 && std::all_of(mark.begin(), mark.end(), [](char c) {
    return c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
}

// What we promise of the result, checked on the result.
bool IsSafeToSend(std::string_view bytes) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      if (i + 1 == bytes.size() || bytes[i + 1] != '\n') return false;
      continue;
    }
    if (bytes[i] == '\n') {
      if (i == 0 || bytes[i - 1] != '\r') return false;
      line = 0;
      continue;
    }
    if (bytes[i] == '\0' || static_cast<unsigned char>(bytes[i]) >= 0x80 || ++line > 998)
      return false;
  }
  return bytes.ends_with("\r\n");
}

}  // namespace

absl::StatusOr<std::string> ComposeMail(const MailMessage& message, const MailEnvelope& envelope) {
  DRAGOMAN_RETURN_IF_ERROR(message.Validate());
  const absl::Status from = CheckMailAddress(envelope.from_address);
  if (!from.ok()) return Annotate(from, "from_address");
  MailMessage name_check = message;
  if (!envelope.from_name.empty()) {
    name_check.subject = envelope.from_name;  // the same rules: one line of UTF-8
    if (!name_check.Validate().ok()) return InvalidArgument("from_name is not one line of UTF-8");
  }
  if (!IsMark(envelope.mark)) return InvalidArgument("mark is none; expected one of MailMark()");
  StartGMime();

  const Held<GMimeMessage> mail(g_mime_message_new(TRUE));
  const auto set = [&](const char* field, const std::string& value) {
    g_mime_object_set_header(GMIME_OBJECT(mail.get()), field, value.c_str(), "utf-8");
  };
  const Held<InternetAddress> sender(internet_address_mailbox_new(
      envelope.from_name.empty() ? nullptr : envelope.from_name.c_str(),
      envelope.from_address.c_str()));
  internet_address_set_charset(sender.get(), "utf-8");
  internet_address_list_add(g_mime_message_get_from(mail.get()), sender.get());
  for (const std::string& one : message.to) {
    g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_TO, nullptr, one.c_str());
  }
  for (const std::string& one : message.cc) {
    g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_CC, nullptr, one.c_str());
  }
  g_mime_message_set_subject(mail.get(), message.subject.c_str(), "utf-8");
  GDateTime* const date = g_date_time_new_from_unix_utc(
      std::chrono::floor<std::chrono::seconds>(envelope.date).time_since_epoch().count());
  if (date == nullptr) return InvalidArgument("date is beyond what a mail can carry");
  g_mime_message_set_date(mail.get(), date);
  g_date_time_unref(date);
  const std::string id = MailMessageId(envelope);
  g_mime_message_set_message_id(mail.get(), id.substr(1, id.size() - 2).c_str());
  if (!message.in_reply_to.empty()) {
    set("In-Reply-To", message.in_reply_to);
    set("References", message.in_reply_to);
  }
  if (envelope.automatic) {
    set("Auto-Submitted", "auto-generated");
    set("X-Auto-Response-Suppress", "All");
  }
  set("X-Dragoman-Agent", envelope.mark);
  const Held<GMimePart> body = MakeBody(message.body);
  g_mime_message_set_mime_part(mail.get(), GMIME_OBJECT(body.get()));

  GMimeFormatOptions* const format = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
  char* const written = g_mime_object_to_string(GMIME_OBJECT(mail.get()), format);
  g_mime_format_options_free(format);
  std::string bytes = written == nullptr ? std::string() : written;
  g_free(written);
  if (!IsSafeToSend(bytes)) return Internal("mail: the composed message is not fit to be sent");
  return bytes;
}

}  // namespace dragoman
