# SPDX-License-Identifier: Apache-2.0
# The one benchmark that looks inside the library: it times single floors, not the client.
target_sources(kafka-bench PRIVATE ${CMAKE_CURRENT_LIST_DIR}/codec.cpp)
target_link_libraries(kafka-bench PRIVATE asio_kafka_internal)
