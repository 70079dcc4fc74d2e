// SPDX-License-Identifier: Apache-2.0
// The one table of broker errors: names and retriable flags as Kafka 4.3.1 has them, sentences of our own.
#include <kafka/broker_errc.hpp>

#include <iterator>
#include <string>

namespace kafka {

namespace {

struct broker_error {
  std::string_view name;
  bool retriable;
  const char* sentence;
};

constexpr bool retriable = true;
constexpr bool lasting = false;

/// In order of their codes, from first_code on.
constexpr int first_code = -1;
constexpr broker_error table[] = {
    {"UNKNOWN_SERVER_ERROR", lasting, "The broker failed for a reason that it does not tell; its log does"},
    {"NONE", lasting, "No error"},
    {"OFFSET_OUT_OF_RANGE", lasting, "The offset is below the start of the log or beyond its end"},
    {"CORRUPT_MESSAGE", retriable,
     "The broker found a record batch corrupt: a wrong checksum, a wrong size, or a record without key for a compacted "
     "topic"},
    {"UNKNOWN_TOPIC_OR_PARTITION", retriable,
     "The broker does not know the topic or the partition, or may not tell that it does"},
    {"INVALID_FETCH_SIZE", lasting, "The fetch asks for a size that is not allowed"},
    {"LEADER_NOT_AVAILABLE", retriable, "The partition has no leader at the moment; an election is under way"},
    {"NOT_LEADER_OR_FOLLOWER", retriable, "The broker is not the leader of the partition, or has no replica of it"},
    {"REQUEST_TIMED_OUT", retriable, "The broker could not finish the request within the time that the request allows"},
    {"BROKER_NOT_AVAILABLE", lasting, "The broker is not reachable"},
    {"REPLICA_NOT_AVAILABLE", retriable, "The replica that was asked for is not there"},
    {"MESSAGE_TOO_LARGE", lasting, "A record batch is larger than the broker or the topic accepts (max.message.bytes)"},
    {"STALE_CONTROLLER_EPOCH", lasting, "The controller that sent the request has been replaced"},
    {"OFFSET_METADATA_TOO_LARGE", lasting,
     "The metadata that goes with a committed offset is too long (offset.metadata.max.bytes)"},
    {"NETWORK_EXCEPTION", retriable, "The connection broke before the response came"},
    {"COORDINATOR_LOAD_IN_PROGRESS", retriable, "The coordinator is still reading its state"},
    {"COORDINATOR_NOT_AVAILABLE", retriable, "There is no coordinator at the moment"},
    {"NOT_COORDINATOR", retriable, "The broker does not coordinate this group or transactional id"},
    {"INVALID_TOPIC_EXCEPTION", lasting, "The name is not a valid topic name, or the topic is internal"},
    {"RECORD_LIST_TOO_LARGE", lasting, "The batch is larger than a log segment"},
    {"NOT_ENOUGH_REPLICAS", retriable,
     "Fewer replicas are in sync than min.insync.replicas asks for; nothing was written"},
    {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", retriable,
     "The records were written, but to fewer replicas than min.insync.replicas asks for"},
    {"INVALID_REQUIRED_ACKS", lasting, "The value of acks is none of 0, 1 and -1"},
    {"ILLEGAL_GENERATION", lasting, "The member speaks for an older generation of its group"},
    {"INCONSISTENT_GROUP_PROTOCOL", lasting,
     "The member shares no protocol with the rest of its group, or offers none"},
    {"INVALID_GROUP_ID", lasting, "The group id is not valid"},
    {"UNKNOWN_MEMBER_ID", lasting, "The coordinator does not know the member, or has dropped it"},
    {"INVALID_SESSION_TIMEOUT", lasting,
     "The session timeout is outside what the broker allows (group.min and group.max.session.timeout.ms)"},
    {"REBALANCE_IN_PROGRESS", lasting, "The group is rebalancing and its members have to join again"},
    {"INVALID_COMMIT_OFFSET_SIZE", lasting, "The offsets to commit do not fit into one record of the offsets topic"},
    {"TOPIC_AUTHORIZATION_FAILED", lasting, "The access control lists forbid this use of the topic"},
    {"GROUP_AUTHORIZATION_FAILED", lasting, "The access control lists forbid this use of the group"},
    {"CLUSTER_AUTHORIZATION_FAILED", lasting, "The access control lists forbid this use of the cluster"},
    {"INVALID_TIMESTAMP", lasting, "The timestamp of a record is too far from the broker's clock"},
    {"UNSUPPORTED_SASL_MECHANISM", lasting, "The broker does not offer this SASL mechanism"},
    {"ILLEGAL_SASL_STATE", lasting, "The request does not belong to this step of the SASL exchange"},
    {"UNSUPPORTED_VERSION", lasting, "The broker does not speak this version of the API"},
    {"TOPIC_ALREADY_EXISTS", lasting, "The topic exists already"},
    {"INVALID_PARTITIONS", lasting, "The number of partitions is not valid"},
    {"INVALID_REPLICATION_FACTOR", lasting, "The replication factor is below 1 or above the number of brokers"},
    {"INVALID_REPLICA_ASSIGNMENT", lasting, "The assignment of replicas to brokers is not valid"},
    {"INVALID_CONFIG", lasting, "A configuration value is not valid"},
    {"NOT_CONTROLLER", retriable, "The broker is not the controller"},
    {"INVALID_REQUEST", lasting, "The broker could not make sense of the request"},
    {"UNSUPPORTED_FOR_MESSAGE_FORMAT", lasting, "The broker keeps the topic in a format that cannot carry this"},
    {"POLICY_VIOLATION", lasting, "A policy of the cluster refuses the request"},
    {"OUT_OF_ORDER_SEQUENCE_NUMBER", lasting,
     "The broker got a batch whose sequence number does not follow the last one of its producer"},
    {"DUPLICATE_SEQUENCE_NUMBER", lasting, "The broker has this batch already"},
    {"INVALID_PRODUCER_EPOCH", lasting, "The producer's epoch is older than the one that the broker knows"},
    {"INVALID_TXN_STATE", lasting, "The transaction is in a state that does not allow this"},
    {"INVALID_PRODUCER_ID_MAPPING", lasting, "The producer id does not belong to the transactional id"},
    {"INVALID_TRANSACTION_TIMEOUT", lasting,
     "The transaction timeout is above what the broker allows (transaction.max.timeout.ms)"},
    {"CONCURRENT_TRANSACTIONS", retriable, "The transaction is still busy with an earlier step"},
    {"TRANSACTION_COORDINATOR_FENCED", lasting, "The transaction coordinator that wrote has been replaced"},
    {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", lasting,
     "The access control lists forbid this use of the transactional id"},
    {"SECURITY_DISABLED", lasting, "The broker has no authorizer configured"},
    {"OPERATION_NOT_ATTEMPTED", lasting, "The broker did not try this part because another part of the request failed"},
    {"KAFKA_STORAGE_ERROR", retriable, "The broker cannot read or write its disk"},
    {"LOG_DIR_NOT_FOUND", lasting, "The broker has no such log directory"},
    {"SASL_AUTHENTICATION_FAILED", lasting, "The broker refused the credentials"},
    {"UNKNOWN_PRODUCER_ID", lasting,
     "The broker knows nothing of the producer id; its last records may have been deleted"},
    {"REASSIGNMENT_IN_PROGRESS", lasting, "The partition is being moved already"},
    {"DELEGATION_TOKEN_AUTH_DISABLED", lasting, "Delegation tokens are switched off"},
    {"DELEGATION_TOKEN_NOT_FOUND", lasting, "The broker does not know the delegation token"},
    {"DELEGATION_TOKEN_OWNER_MISMATCH", lasting, "Only the owner or a renewer of the delegation token may do this"},
    {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", lasting,
     "Delegation tokens are not available over a plain connection or to whoever logged in with one"},
    {"DELEGATION_TOKEN_AUTHORIZATION_FAILED", lasting,
     "The access control lists forbid this use of the delegation token"},
    {"DELEGATION_TOKEN_EXPIRED", lasting, "The delegation token has expired"},
    {"INVALID_PRINCIPAL_TYPE", lasting, "The broker does not know this type of principal"},
    {"NON_EMPTY_GROUP", lasting, "The group still has members"},
    {"GROUP_ID_NOT_FOUND", lasting, "The group does not exist"},
    {"FETCH_SESSION_ID_NOT_FOUND", retriable, "The broker does not know the fetch session"},
    {"INVALID_FETCH_SESSION_EPOCH", retriable, "The request is not the next one of its fetch session"},
    {"LISTENER_NOT_FOUND", retriable, "The leader has no listener of the kind that the client connected to"},
    {"TOPIC_DELETION_DISABLED", lasting, "The broker does not allow the deletion of topics (delete.topic.enable)"},
    {"FENCED_LEADER_EPOCH", retriable, "The leader epoch of the request is older than the broker's"},
    {"UNKNOWN_LEADER_EPOCH", retriable, "The leader epoch of the request is newer than the broker's"},
    {"UNSUPPORTED_COMPRESSION_TYPE", lasting,
     "The topic uses a compression that this version of the request cannot carry"},
    {"STALE_BROKER_EPOCH", lasting, "The broker that sent the request has been registered anew"},
    {"OFFSET_NOT_AVAILABLE", retriable, "The leader is new and cannot tell yet how far the log is committed"},
    {"MEMBER_ID_REQUIRED", lasting, "The coordinator gave out a member id and the member has to join with it"},
    {"PREFERRED_LEADER_NOT_AVAILABLE", retriable, "The preferred replica cannot lead at the moment"},
    {"GROUP_MAX_SIZE_REACHED", lasting, "The group has as many members as it may have (group.max.size)"},
    {"FENCED_INSTANCE_ID", lasting, "Another member with the same group instance id has taken over"},
    {"ELIGIBLE_LEADERS_NOT_AVAILABLE", retriable, "No replica that may lead is available"},
    {"ELECTION_NOT_NEEDED", retriable, "The partition has the wanted leader already"},
    {"NO_REASSIGNMENT_IN_PROGRESS", lasting, "The partition is not being moved"},
    {"GROUP_SUBSCRIBED_TO_TOPIC", lasting, "A member of the group still subscribes to the topic"},
    {"INVALID_RECORD", lasting, "The broker refused a record, and with it its batch"},
    {"UNSTABLE_OFFSET_COMMIT", retriable, "A transaction that is still open has written offsets for the group"},
    {"THROTTLING_QUOTA_EXCEEDED", retriable, "A quota of the cluster is used up for the moment"},
    {"PRODUCER_FENCED", lasting, "A newer producer with the same transactional id has taken over"},
    {"RESOURCE_NOT_FOUND", lasting, "What the request names does not exist"},
    {"DUPLICATE_RESOURCE", lasting, "The request names the same thing twice"},
    {"UNACCEPTABLE_CREDENTIAL", lasting, "The credential is not strong enough, or not well-formed"},
    {"INCONSISTENT_VOTER_SET", lasting, "The sender or the receiver is not among the voters"},
    {"INVALID_UPDATE_VERSION", lasting, "The feature cannot be set to this version"},
    {"FEATURE_UPDATE_FAILED", lasting, "The features could not be changed"},
    {"PRINCIPAL_DESERIALIZATION_FAILURE", lasting, "The broker could not read the principal of a forwarded request"},
    {"SNAPSHOT_NOT_FOUND", lasting, "The snapshot does not exist"},
    {"POSITION_OUT_OF_RANGE", lasting, "The position is outside the snapshot"},
    {"UNKNOWN_TOPIC_ID", retriable, "The broker does not know the topic id"},
    {"DUPLICATE_BROKER_REGISTRATION", lasting, "The broker id is in use"},
    {"BROKER_ID_NOT_REGISTERED", lasting, "The broker id is not registered"},
    {"INCONSISTENT_TOPIC_ID", retriable, "The topic id belongs to another topic than the log does"},
    {"INCONSISTENT_CLUSTER_ID", lasting, "The broker belongs to another cluster"},
    {"TRANSACTIONAL_ID_NOT_FOUND", lasting, "The coordinator does not know the transactional id"},
    {"FETCH_SESSION_TOPIC_ID_ERROR", retriable,
     "The fetch session began with topic names and goes on with ids, or the reverse"},
    {"INELIGIBLE_REPLICA", lasting, "A replica may not be in sync at the moment"},
    {"NEW_LEADER_ELECTED", lasting, "The partition changed as asked, and has another leader now"},
    {"OFFSET_MOVED_TO_TIERED_STORAGE", lasting, "The offset is in tiered storage only"},
    {"FENCED_MEMBER_EPOCH", lasting,
     "The coordinator has given the member's partitions away; it has to drop them and join again"},
    {"UNRELEASED_INSTANCE_ID", lasting, "Another member still uses the group instance id"},
    {"UNSUPPORTED_ASSIGNOR", lasting, "The group coordinator does not know the assignor"},
    {"STALE_MEMBER_EPOCH", lasting, "The member's epoch is not the current one; a heartbeat brings it"},
    {"MISMATCHED_ENDPOINT_TYPE", lasting, "The request went to a controller instead of a broker, or the reverse"},
    {"UNSUPPORTED_ENDPOINT_TYPE", lasting, "The broker does not know this type of endpoint"},
    {"UNKNOWN_CONTROLLER_ID", lasting, "The controller id is not known"},
    {"UNKNOWN_SUBSCRIPTION_ID", lasting, "The metrics subscription has changed"},
    {"TELEMETRY_TOO_LARGE", lasting, "The metrics are more than the broker takes at once"},
    {"INVALID_REGISTRATION", lasting, "The controller refused to register the broker"},
    {"TRANSACTION_ABORTABLE", lasting, "The transaction has to be aborted; the producer can go on after that"},
    {"INVALID_RECORD_STATE", lasting, "The record is not in a state that allows this acknowledgement"},
    {"SHARE_SESSION_NOT_FOUND", retriable, "The broker does not know the share session"},
    {"INVALID_SHARE_SESSION_EPOCH", retriable, "The request is not the next one of its share session"},
    {"FENCED_STATE_EPOCH", lasting, "The share coordinator knows a newer state of the partition"},
    {"INVALID_VOTER_KEY", lasting, "The key of the voter is not the one of the replica"},
    {"DUPLICATE_VOTER", lasting, "The voter is among the voters already"},
    {"VOTER_NOT_FOUND", lasting, "The voter is not among the voters"},
    {"INVALID_REGULAR_EXPRESSION", lasting, "The regular expression is not valid"},
    {"REBOOTSTRAP_REQUIRED", lasting,
     "What the client knows of the cluster is too old; it has to start from its bootstrap servers"},
    {"STREAMS_INVALID_TOPOLOGY", lasting, "The topology of the streams application is not valid"},
    {"STREAMS_INVALID_TOPOLOGY_EPOCH", lasting, "The epoch of the topology is not valid"},
    {"STREAMS_TOPOLOGY_FENCED", lasting, "The epoch of the topology is older than the current one"},
    {"SHARE_SESSION_LIMIT_REACHED", retriable, "The broker holds as many share sessions as it may"},
};
static_assert(first_code + static_cast<int>(std::size(table)) ==
              1 + static_cast<int>(broker_errc::share_session_limit_reached));

/// Null for a code that only newer brokers know.
const broker_error* find(int code) noexcept {
  const int index = code - first_code;
  return index >= 0 && index < static_cast<int>(std::size(table)) ? &table[index] : nullptr;
}

class broker_error_category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "kafka.broker"; }
  [[nodiscard]] std::string message(int code) const override {
    const broker_error* row = find(code);
    return row ? row->sentence : "The broker answered with error code " + std::to_string(code);
  }
};

}  // namespace

const std::error_category& broker_category() noexcept {
  static const broker_error_category category;
  return category;
}

std::error_code make_error_code(broker_errc code) noexcept {
  return {static_cast<int>(code), broker_category()};
}

std::string_view broker_error_name(broker_errc code) noexcept {
  const broker_error* row = find(static_cast<int>(code));
  return row ? row->name : "UNKNOWN_CODE";
}

bool is_retriable(broker_errc code) noexcept {
  const broker_error* row = find(static_cast<int>(code));
  return row && row->retriable;
}

}  // namespace kafka
