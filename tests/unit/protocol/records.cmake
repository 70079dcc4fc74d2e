# SPDX-License-Identifier: Apache-2.0
# Record batches, checksums and compression. zlib is what the golden files are read with, whatever the library has.
find_package(ZLIB REQUIRED)
kafka_add_test(unit_records
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/compression_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/crc32c_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/legacy_message_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/murmur2_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/record_batch_damage_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/record_batch_golden_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/record_batch_reader_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/record_batch_writer_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/varint_test.cpp
  LIBS ZLIB::ZLIB
  DEFINITIONS KAFKA_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
# Replaces operator new, so it stands alone.
kafka_add_test(unit_record_allocations SOURCES ${CMAKE_CURRENT_LIST_DIR}/record_batch_allocation_test.cpp)
