# SPDX-License-Identifier: Apache-2.0
add_executable(records-dump ${CMAKE_CURRENT_LIST_DIR}/records_dump.cpp)
target_link_libraries(records-dump PRIVATE asio_kafka_client asio_kafka_internal)
set_target_properties(records-dump PROPERTIES CXX_EXTENSIONS OFF)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME tools/records_dump
  COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_LIST_DIR}/records_dump_test.py" $<TARGET_FILE:records-dump>
          "${PROJECT_SOURCE_DIR}/tests/golden")
set_tests_properties(tools/records_dump PROPERTIES LABELS tools TIMEOUT 120)
