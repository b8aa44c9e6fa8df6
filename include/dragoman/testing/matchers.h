// GoogleMock matchers for absl::Status and absl::StatusOr. Header-only: include it in tests.
#ifndef DRAGOMAN_TESTING_MATCHERS_H_
#define DRAGOMAN_TESTING_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dragoman {
namespace testing_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

class IsOkMatcher {
 public:
  template <typename T>
  bool MatchAndExplain(const T& value, ::testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(value);
    if (!status.ok()) *listener << "which is " << status.ToString();
    return status.ok();
  }
  void DescribeTo(std::ostream* out) const { *out << "is OK"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "is not OK"; }
};

class StatusIsMatcher {
 public:
  StatusIsMatcher(absl::StatusCode code, ::testing::Matcher<const std::string&> message)
      : code_(code), message_(std::move(message)) {}

  template <typename T>
  bool MatchAndExplain(const T& value, ::testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(value);
    *listener << "which is " << status.ToString();
    return status.code() == code_ &&
           message_.Matches(std::string(status.message().data(), status.message().size()));
  }
  void DescribeTo(std::ostream* out) const {
    *out << "has code " << absl::StatusCodeToString(code_) << " and a message that ";
    message_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "has another code than " << absl::StatusCodeToString(code_) << " or a message that ";
    message_.DescribeNegationTo(out);
  }

 private:
  absl::StatusCode code_;
  ::testing::Matcher<const std::string&> message_;
};

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  template <typename Result>
  operator ::testing::Matcher<Result>() const {  // NOLINT(google-explicit-constructor)
    return ::testing::Matcher<Result>(new Impl<const std::remove_reference_t<Result>&>(inner_));
  }

 private:
  template <typename Result>
  class Impl : public ::testing::MatcherInterface<Result> {
   public:
    using Value = typename std::remove_cvref_t<Result>::value_type;
    explicit Impl(const Inner& inner) : inner_(::testing::SafeMatcherCast<const Value&>(inner)) {}
    bool MatchAndExplain(Result result, ::testing::MatchResultListener* listener) const override {
      if (result.ok()) return inner_.MatchAndExplain(*result, listener);
      *listener << "which is " << result.status().ToString();
      return false;
    }
    void DescribeTo(std::ostream* out) const override {
      *out << "is OK and holds a value that ";
      inner_.DescribeTo(out);
    }
    void DescribeNegationTo(std::ostream* out) const override {
      *out << "is not OK or holds a value that ";
      inner_.DescribeNegationTo(out);
    }

   private:
    ::testing::Matcher<const Value&> inner_;
  };

  Inner inner_;
};

}  // namespace testing_internal

// A Status or StatusOr that is OK.
inline auto IsOk() { return ::testing::MakePolymorphicMatcher(testing_internal::IsOkMatcher()); }

// A Status or StatusOr with this code, and a message (std::string) that satisfies `message`:
// StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sample_rate_hz")).
template <typename Message>
auto StatusIs(absl::StatusCode code, const Message& message) {
  return ::testing::MakePolymorphicMatcher(testing_internal::StatusIsMatcher(
      code, ::testing::SafeMatcherCast<const std::string&>(message)));
}
inline auto StatusIs(absl::StatusCode code) {
  return StatusIs(code, ::testing::Matcher<const std::string&>(::testing::_));
}

// A StatusOr that is OK and whose value satisfies `inner`.
template <typename Inner>
auto IsOkAndHolds(Inner inner) {
  return testing_internal::IsOkAndHoldsMatcher<Inner>(std::move(inner));
}

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_MATCHERS_H_
