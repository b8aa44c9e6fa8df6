#include "dragoman/providers/twilio/signature.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/wire/examples.h"

namespace dragoman {
namespace {

using nlohmann::ordered_json;

TwilioSignedRequest RequestOf(const ordered_json& vector) {
  TwilioSignedRequest request{.url = vector["url"].get<std::string>()};
  for (const auto& [name, value] : vector["params"].items()) {
    if (value.is_array()) {
      for (const auto& one : value) request.parameters.emplace_back(name, one.get<std::string>());
    } else {
      request.parameters.emplace_back(name, value.get<std::string>());
    }
  }
  if (vector.contains("body")) request.body = vector["body"].get<std::string>();
  return request;
}

std::vector<ordered_json> Vectors() {
  const ordered_json file = ReadExample("signature-vectors.json");
  std::vector<ordered_json> all(file["published"].begin(), file["published"].end());
  all.insert(all.end(), file["own"].begin(), file["own"].end());
  return all;
}

TEST(TwilioSignatureTest, ReproducesEachPublishedAndOwnVector) {
  int count = 0;
  for (const ordered_json& vector : Vectors()) {
    Secret token(vector["auth_token"].get<std::string>());
    const auto signature = vector["signature"].get<std::string>();
    EXPECT_EQ(TwilioSignature(token, RequestOf(vector)), signature) << vector["name"];
    EXPECT_TRUE(VerifyTwilioSignature(token, RequestOf(vector), signature).ok()) << vector["name"];
    ++count;
  }
  EXPECT_EQ(count, 10);
}

TEST(TwilioSignatureTest, AcceptsTheUrlAsSeenWithoutPortAndWithTheDefaultPort) {
  int count = 0;
  for (const ordered_json& vector : Vectors()) {
    if (!vector.contains("accept_for_urls")) continue;
    for (const auto& url : vector["accept_for_urls"]) {
      TwilioSignedRequest request = RequestOf(vector);
      request.url = url.get<std::string>();
      EXPECT_TRUE(VerifyTwilioSignature(Secret(vector["auth_token"].get<std::string>()), request,
                                        vector["signature"].get<std::string>())
                      .ok())
          << vector["name"] << " for " << url;
      ++count;
    }
  }
  EXPECT_EQ(count, 5);
}

TEST(TwilioSignatureTest, RefusesEachVectorThatMustFail) {
  const ordered_json file = ReadExample("signature-vectors.json");
  std::map<std::string, ordered_json> by_name;
  for (const auto& vector : file["published"]) by_name[vector["name"].get<std::string>()] = vector;
  int count = 0;
  for (const auto& change : file["must_fail"]) {
    ordered_json vector = by_name.at(change["based_on"].get<std::string>());
    if (change.contains("change")) vector["params"].update(change["change"]);
    if (change.contains("change_url")) vector["url"] = change["change_url"];
    if (change.contains("change_body")) vector["body"] = change["change_body"];
    if (change.contains("auth_token")) vector["auth_token"] = change["auth_token"];
    if (change.contains("signature")) vector["signature"] = change["signature"];
    EXPECT_EQ(VerifyTwilioSignature(Secret(vector["auth_token"].get<std::string>()),
                                    RequestOf(vector), vector["signature"].get<std::string>())
                  .code(),
              absl::StatusCode::kUnauthenticated)
        << change["name"];
    ++count;
  }
  EXPECT_EQ(count, 6);
}

TEST(TwilioSignatureTest, AnUpgradeSignedWithTheWrongSchemeIsRefused) {
  for (const ordered_json& vector : Vectors()) {
    if (!vector.contains("signature_with_wrong_https_scheme")) continue;
    EXPECT_FALSE(
        VerifyTwilioSignature(Secret(vector["auth_token"].get<std::string>()), RequestOf(vector),
                              vector["signature_with_wrong_https_scheme"].get<std::string>())
            .ok());
    return;
  }
  FAIL() << "vector is gone";
}

TEST(TwilioSignatureTest, WithoutATokenNothingIsAccepted) {
  TwilioSignedRequest request{.url = "wss://a.example/x"};
  EXPECT_EQ(VerifyTwilioSignature(Secret(), request, TwilioSignature(Secret(""), request)).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(TwilioSignatureTest, APortBehindAnIpv6AddressIsFound) {
  Secret token("t");
  const std::string signature = TwilioSignature(token, {.url = "wss://[2001:db8::1]/m"});
  EXPECT_TRUE(VerifyTwilioSignature(token, {.url = "wss://[2001:db8::1]:8443/m"}, signature).ok());
  EXPECT_FALSE(VerifyTwilioSignature(token, {.url = "wss://[2001:db8::2]/m"}, signature).ok());
}

}  // namespace
}  // namespace dragoman
