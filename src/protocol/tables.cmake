# SPDX-License-Identifier: Apache-2.0
# The run-time tables: APIs, messages and errors.
target_sources(asio_kafka_client PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/api.cpp
  ${CMAKE_CURRENT_LIST_DIR}/broker_errors.cpp
  ${CMAKE_CURRENT_LIST_DIR}/registry.cpp)
