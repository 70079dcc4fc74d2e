# SPDX-License-Identifier: Apache-2.0
# Record batches, checksums and compression.
target_sources(asio_kafka_client PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/compression.cpp
  ${CMAKE_CURRENT_LIST_DIR}/compression_gzip.cpp
  ${CMAKE_CURRENT_LIST_DIR}/compression_lz4.cpp
  ${CMAKE_CURRENT_LIST_DIR}/compression_snappy.cpp
  ${CMAKE_CURRENT_LIST_DIR}/compression_zstd.cpp
  ${CMAKE_CURRENT_LIST_DIR}/crc32c.cpp
  ${CMAKE_CURRENT_LIST_DIR}/crc32c_hardware.cpp
  ${CMAKE_CURRENT_LIST_DIR}/legacy_message.cpp
  ${CMAKE_CURRENT_LIST_DIR}/murmur2.cpp
  ${CMAKE_CURRENT_LIST_DIR}/record_batch_format.cpp
  ${CMAKE_CURRENT_LIST_DIR}/record_batch_reader.cpp
  ${CMAKE_CURRENT_LIST_DIR}/record_batch_writer.cpp
  ${CMAKE_CURRENT_LIST_DIR}/record_cursor.cpp
  ${CMAKE_CURRENT_LIST_DIR}/varint.cpp)
