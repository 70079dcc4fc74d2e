# SPDX-License-Identifier: Apache-2.0
# Record batches, checksums and compression.
target_sources(asio_kafka_client PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/crc32c.cpp
  ${CMAKE_CURRENT_LIST_DIR}/crc32c_hardware.cpp
  ${CMAKE_CURRENT_LIST_DIR}/murmur2.cpp)
