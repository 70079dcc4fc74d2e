# SPDX-License-Identifier: Apache-2.0
# Messages, the tables of APIs and errors, the registry. zlib is what the golden files are read with, whatever the
# library has.
find_package(ZLIB REQUIRED)
kafka_add_test(unit_messages
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/api_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/broker_errors_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/decoder_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/encoder_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/messages_golden_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/printer_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registry_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/schema_test.cpp
    ${PROJECT_SOURCE_DIR}/tests/support/heap_watch.cpp
  LIBS kafka_message_json ZLIB::ZLIB
  DEFINITIONS KAFKA_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden" KAFKA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
