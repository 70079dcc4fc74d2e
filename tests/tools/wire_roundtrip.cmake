# SPDX-License-Identifier: Apache-2.0
# What reads JSON into messages, for the tool and for the golden tests, and the tool.
add_library(kafka_message_json STATIC
  ${CMAKE_CURRENT_LIST_DIR}/json_value.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wire_roundtrip_json.cpp
  ${CMAKE_CURRENT_LIST_DIR}/wire_roundtrip_messages.cpp)
target_link_libraries(kafka_message_json PUBLIC asio_kafka_client asio_kafka_internal)
target_include_directories(kafka_message_json PUBLIC "${PROJECT_SOURCE_DIR}/tests")
set_target_properties(kafka_message_json PROPERTIES CXX_EXTENSIONS OFF)

add_executable(wire-roundtrip ${CMAKE_CURRENT_LIST_DIR}/wire_roundtrip.cpp)
target_link_libraries(wire-roundtrip PRIVATE kafka_message_json)
set_target_properties(wire-roundtrip PROPERTIES CXX_EXTENSIONS OFF)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME tools/wire_roundtrip
  COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_LIST_DIR}/wire_roundtrip_test.py" $<TARGET_FILE:wire-roundtrip>
          "${PROJECT_SOURCE_DIR}/tests/golden")
set_tests_properties(tools/wire_roundtrip PROPERTIES LABELS tools TIMEOUT 120)
