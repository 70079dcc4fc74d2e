// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using protocol::api_versions_request;
using protocol::api_versions_response;

const api_versions_request named{"asio-kafka", "0.1.0", {}};

std::optional<protocol::version_range> range_of(const api_versions_response& response, api_key key) {
  for (const auto& one : response.api_keys) {
    if (one.api_key == static_cast<std::int16_t>(key)) return protocol::version_range{one.min_version, one.max_version};
  }
  return std::nullopt;
}

TEST_CASE("ApiVersions names what is handled, in every version") {
  script cluster;
  const auto client = cluster.connect();
  for (std::int16_t version = 0; version <= 4; ++version) {
    CAPTURE(version);
    const auto response = cluster.ask(client, version >= 3 ? named : api_versions_request{}, version);
    CHECK(response.error_code == 0);
    CHECK(range_of(response, api_key::api_versions) == protocol::version_range{0, 4});
    CHECK(range_of(response, api_key::produce) == protocol::version_range{0, 13});
    CHECK(range_of(response, api_key::fetch) == protocol::version_range{4, 18});
    CHECK(range_of(response, api_key::init_producer_id) == protocol::version_range{0, 5});
    CHECK_FALSE(range_of(response, api_key::sasl_handshake));
    CHECK(range_of(response, api_key::add_partitions_to_txn) == protocol::version_range{0, 5});
    CHECK(range_of(response, api_key::add_offsets_to_txn) == protocol::version_range{0, 4});
    CHECK(range_of(response, api_key::end_txn) == protocol::version_range{0, 5});
    CHECK(range_of(response, api_key::txn_offset_commit) == protocol::version_range{0, 5});
    CHECK(range_of(response, api_key::offset_commit) == protocol::version_range{2, 10});
    CHECK(range_of(response, api_key::offset_fetch) == protocol::version_range{1, 10});
    CHECK(response.finalized_features.size() == (version >= 3 ? 3 : 0));
  }
}

TEST_CASE("an unknown version of ApiVersions is answered in version 0 with the range to try again with") {
  script cluster;
  const auto client = cluster.connect();
  // The body of a version that nobody knows cannot be understood: any bytes will do.
  auto bytes = script::framed(named, 4);
  bytes[7] = std::byte{99};
  cluster.send_bytes(client, bytes);
  const auto response = cluster.take<api_versions_response>(client, 0);
  CHECK(code_of(response.error_code) == broker_errc::unsupported_version);
  REQUIRE(response.api_keys.size() == 1);
  CHECK(range_of(response, api_key::api_versions) == protocol::version_range{0, 4});
  CHECK_FALSE(cluster.is_closed(client));
  (void)cluster.ask(client, named, 4);
}

TEST_CASE("an old broker gives no hint") {
  script cluster({.broker_version = "2.1"});
  const auto client = cluster.connect();
  cluster.send(client, named, 4);
  const auto response = cluster.take<api_versions_response>(client, 0);
  CHECK(code_of(response.error_code) == broker_errc::unsupported_version);
  CHECK(response.api_keys.empty());
  const auto second = cluster.ask(client, api_versions_request{}, 2);
  CHECK(range_of(second, api_key::metadata) == protocol::version_range{0, 7});
  CHECK_FALSE(range_of(second, api_key::describe_cluster));
}

TEST_CASE("each broker version has its own versions of the transaction APIs, and 4 the feature") {
  struct expected {
    const char* broker;
    std::int16_t add_partitions, add_offsets, end, offset_commit, transaction_version;
  };
  for (const auto& one :
       {expected{"2.1", 1, 1, 1, 2, 0}, {"2.8", 3, 3, 3, 3, 0}, {"3.9", 5, 4, 4, 4, 0}, {"4.3", 5, 4, 5, 5, 2}}) {
    CAPTURE(one.broker);
    script cluster({.broker_version = one.broker});
    const std::int16_t version = one.broker == "2.1"s ? 2 : 3;
    const auto response = cluster.ask(cluster.connect(), version >= 3 ? named : api_versions_request{}, version);
    CHECK(range_of(response, api_key::add_partitions_to_txn) == protocol::version_range{0, one.add_partitions});
    CHECK(range_of(response, api_key::add_offsets_to_txn) == protocol::version_range{0, one.add_offsets});
    CHECK(range_of(response, api_key::end_txn) == protocol::version_range{0, one.end});
    CHECK(range_of(response, api_key::txn_offset_commit) == protocol::version_range{0, one.offset_commit});
    std::int16_t finalized = 0;
    for (const auto& feature : response.finalized_features) {
      if (feature.name == "transaction.version") finalized = feature.max_version_level;
    }
    CHECK(finalized == one.transaction_version);
  }
}

TEST_CASE("the protocol of KIP-848 is known since 4.0, with its feature") {
  for (const std::string version : {"2.1", "2.8", "3.9", "4.3"}) {
    CAPTURE(version);
    script cluster({.broker_version = version});
    const auto response = cluster.ask(cluster.connect(), named, version == "2.1" ? 2 : 3);
    const bool known = version == "4.3";
    CHECK(range_of(response, api_key::consumer_group_heartbeat).has_value() == known);
    CHECK(range_of(response, api_key::consumer_group_describe).has_value() == known);
    CHECK(range_of(response, api_key::join_group));
    bool finalized = false;
    for (const auto& feature : response.finalized_features) {
      if (feature.name == "group.version") finalized = feature.max_version_level == 1;
    }
    CHECK(finalized == known);
  }
}

TEST_CASE("a client name that breaks the rules is refused since version 3") {
  script cluster;
  const auto client = cluster.connect();
  for (const auto& name : {""s, "-a"s, "a."s, "a b"s, "a_b"s, "caf\xC3\xA9"s}) {
    CAPTURE(name);
    CHECK(code_of(cluster.ask(client, api_versions_request{name, "1", {}}, 3).error_code) ==
          broker_errc::invalid_request);
  }
  CHECK(cluster.ask(client, api_versions_request{"a", "1.0-b", {}}, 3).error_code == 0);
  CHECK(cluster.ask(client, api_versions_request{}, 2).error_code == 0);
}

TEST_CASE("features whose lowest level is 0 are only told since version 4") {
  script cluster;
  // None has one so far; what is announced must be announced to all.
  const auto client = cluster.connect();
  const auto told = cluster.ask(client, named, 3);
  REQUIRE(told.supported_features.size() == 1);
  CHECK(told.supported_features[0].name == "metadata.version");
  CHECK(told.finalized_features_epoch == 1);
}

TEST_CASE("a capped API is announced and accepted only up to its cap, on the node it was capped on") {
  script cluster({.nodes = 2});
  cluster.core.state().find_node(1)->version_caps[api_key::metadata] = 8;
  cluster.core.state().find_node(1)->version_caps[api_key::fetch] = -1;
  const auto client = cluster.connect(1);
  const auto response = cluster.ask(client, named, 3);
  CHECK(range_of(response, api_key::metadata) == protocol::version_range{0, 8});
  CHECK_FALSE(range_of(response, api_key::fetch));
  (void)cluster.ask(client, protocol::metadata_request{}, 8);
  cluster.send(client, protocol::metadata_request{}, 9);
  CHECK(cluster.is_closed(client));
  CHECK(range_of(cluster.ask(cluster.connect(2), named, 3), api_key::metadata) == protocol::version_range{0, 13});
}

TEST_CASE("requests that a broker does not know close the connection") {
  script cluster;
  const auto closes = [&](auto request, std::int16_t version) {
    const auto client = cluster.connect();
    cluster.send(client, request, version);
    return cluster.is_closed(client) && cluster.answers(client) == 0;
  };
  CHECK(closes(protocol::sasl_handshake_request{}, 1));
  CHECK(closes(protocol::create_acls_request{}, 1));
  auto bytes = script::framed(protocol::metadata_request{}, 12);
  bytes[5] = std::byte{200};
  const auto client = cluster.connect();
  cluster.send_bytes(client, bytes);
  CHECK(cluster.is_closed(client));
}

}  // namespace
}  // namespace kafka::fake
