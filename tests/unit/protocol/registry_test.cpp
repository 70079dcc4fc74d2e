// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry.hpp"

#include <set>

#include "protocol/api.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

TEST_CASE("every API has its request and its response, and all messages have names of their own") {
  std::set<std::string_view> names;
  for (const api_spec& api : all_apis()) {
    INFO(to_string(api.key));
    const auto named = [&](const message_type* type, std::string_view kind) {
      return type->name.starts_with(to_string(api.key)) && type->name.ends_with(kind) &&
             type->name.size() == to_string(api.key).size() + kind.size();
    };
    CHECK(named(find_request(api.key), "Request"));
    CHECK(named(find_response(api.key), "Response"));
    CHECK(find_request(api.key)->api.key == api.key);
  }
  for (const message_type* type : all_messages()) {
    CHECK(find_message(type->name) == type);
    names.insert(type->name);
  }
  CHECK(names.size() == 116);
}

TEST_CASE("what is unknown is not found") {
  CHECK(find_request(static_cast<api_key>(4)) == nullptr);
  CHECK(find_response(static_cast<api_key>(-1)) == nullptr);
  CHECK(find_message("Heartbeat") == nullptr);
}

TEST_CASE("a message whose type is known at run time only can be filled, looked into and written") {
  any_message message(*find_request(api_key::heartbeat));
  CHECK(message.get<heartbeat_response>() == nullptr);
  REQUIRE(message.get<heartbeat_request>() != nullptr);
  message.get<heartbeat_request>()->group_id = "group";

  encoded_message bytes;
  REQUIRE_FALSE(message.encode(0, bytes));
  CHECK(bytes.flatten().text() == std::string_view("\0\5group\0\0\0\0\0\0", 13));
  CHECK(message.to_json(0) == R"({"groupId":"group","generationId":0,"memberId":""})");

  any_message copy(message.type());
  REQUIRE_FALSE(copy.decode(bytes.flatten(), 0));
  CHECK(*copy.get<heartbeat_request>() == *message.get<heartbeat_request>());
  CHECK(copy.decode(shared_bytes(), 0) == client_errc::malformed_response);
}
