// SPDX-License-Identifier: Apache-2.0
#include "protocol/api.hpp"

#include "protocol/messages/api_versions.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

api_versions_response answer(std::vector<api_versions_response::api_version> keys) {
  api_versions_response out;
  out.api_keys = std::move(keys);
  return out;
}

constexpr api_spec example{.key = api_key::fetch, .versions = {4, 10}, .stable_max = 9};

}  // namespace

TEST_CASE("the table holds the 56 APIs by key, in 241 versions") {
  CHECK(all_apis().size() == 56);
  int versions = 0;
  std::int16_t last = -1;
  for (const api_spec& api : all_apis()) {
    CHECK(static_cast<std::int16_t>(api.key) > last);
    last = static_cast<std::int16_t>(api.key);
    CHECK(find_api(api.key) == &api);
    versions += api.versions.max - api.versions.min + 1;
  }
  CHECK(versions == 241);
}

TEST_CASE("an API that we do not speak is not found and has no name") {
  for (const int key : {-1, 4, 38, 88, 91, 32767}) {
    CHECK(find_api(static_cast<api_key>(key)) == nullptr);
    CHECK(to_string(static_cast<api_key>(key)) == "Unknown");
  }
}

TEST_CASE("an API has Kafka's name") {
  CHECK(to_string(api_key::produce) == "Produce");
  CHECK(to_string(api_key::find_coordinator) == "FindCoordinator");
  CHECK(to_string(api_key::describe_share_group_offsets) == "DescribeShareGroupOffsets");
}

TEST_CASE("the highest common version is chosen, but no unstable one") {
  CHECK(negotiate(example, {0, 6}) == 6);
  CHECK(negotiate(example, {6, 20}) == 9);
  CHECK(negotiate(example, {0, 10}) == 9);
  CHECK(negotiate(example, {0, 4}) == 4);
}

TEST_CASE("no version is chosen where there is no common one") {
  CHECK_FALSE(negotiate(example, {0, 3}));
  CHECK_FALSE(negotiate(example, {11, 12}));
  CHECK_FALSE(negotiate(example, {10, 12}));
  CHECK_FALSE(negotiate(example, {6, 5}));
  CHECK_FALSE(negotiate(example, {-1, -1}));
}

TEST_CASE("a version of InitProducerId that Kafka calls unstable is never negotiated") {
  const api_versions broker(answer({{.api_key = 22, .min_version = 0, .max_version = 6}}));
  CHECK(broker.best(api_key::init_producer_id) == 5);
}

TEST_CASE("a connection knows the versions that its broker listed") {
  const api_versions broker(answer({{.api_key = 3, .min_version = 0, .max_version = 9},
                                    {.api_key = 0, .min_version = 0, .max_version = 13},
                                    {.api_key = 999, .min_version = 0, .max_version = 1}}));
  CHECK(broker.best(api_key::metadata) == 9);
  CHECK(broker.best(api_key::produce) == 13);
  CHECK(broker.range(api_key::produce) == version_range{0, 13});
  CHECK(broker.range(static_cast<api_key>(999)) == version_range{0, 1});
  CHECK_FALSE(broker.best(static_cast<api_key>(999)));
  CHECK_FALSE(broker.best(api_key::fetch));
  CHECK_FALSE(broker.range(api_key::fetch));
  CHECK_FALSE(api_versions().best(api_key::metadata));
}

TEST_CASE("a cap lowers the version, and may leave none") {
  const api_versions broker(answer({{.api_key = 0, .min_version = 0, .max_version = 13}}));
  CHECK(broker.best(api_key::produce, 11) == 11);
  CHECK(broker.best(api_key::produce, 100) == 13);
  CHECK(broker.best(api_key::produce, 3) == 3);
  CHECK_FALSE(broker.best(api_key::produce, 2));  // below what we speak, although the broker lists it
}

TEST_CASE("a feature of an API is there when the version in use is high enough") {
  const api_versions broker(answer({{.api_key = 0, .min_version = 0, .max_version = 12}}));
  CHECK(broker.at_least(api_key::produce, 12));
  CHECK_FALSE(broker.at_least(api_key::produce, 13));
  CHECK_FALSE(broker.at_least(api_key::fetch, 0));
}

TEST_CASE("of two entries for one API the first one counts") {
  const api_versions broker(
      answer({{.api_key = 3, .min_version = 0, .max_version = 9}, {.api_key = 3, .max_version = 1}}));
  CHECK(broker.best(api_key::metadata) == 9);
}

TEST_CASE("cluster features have the level in force, or 0, and the levels that the broker supports") {
  api_versions_response response;
  response.finalized_features_epoch = 42;
  response.finalized_features = {{.name = "transaction.version", .max_version_level = 2, .min_version_level = 1}};
  response.supported_features = {{.name = "group.version", .min_version = 0, .max_version = 1}};
  const api_versions broker(response);
  CHECK(broker.feature_level("transaction.version") == 2);
  CHECK(broker.feature_level("group.version") == 0);
  CHECK(broker.supported_feature("group.version") == version_range{0, 1});
  CHECK_FALSE(broker.supported_feature("share.version"));
  CHECK(broker.features_epoch() == 42);
  CHECK(api_versions().features_epoch() == -1);
}

TEST_CASE("headers are flexible when the message is, except in front of an ApiVersions response") {
  for (const api_spec& api : all_apis()) {
    INFO(to_string(api.key));
    for (std::int16_t version = api.versions.min; version <= api.versions.max; ++version) {
      const bool flexible = version >= api.flexible_since;
      CHECK(api.request_header_version(version) == (flexible ? 2 : 1));
      CHECK(api.response_header_version(version) == (flexible && api.key != api_key::api_versions ? 1 : 0));
    }
  }
  CHECK(find_api(api_key::api_versions)->request_header_version(3) == 2);
  CHECK(find_api(api_key::api_versions)->response_header_version(4) == 0);
  CHECK(find_api(api_key::sasl_handshake)->request_header_version(1) == 1);
}
