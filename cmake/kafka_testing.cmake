# SPDX-License-Identifier: Apache-2.0
# kafka_add_test(NAME SOURCES a_test.cpp ... [LIBS lib ...] [LABELS label ...] [DEFINITIONS X=1 ...])
#
# One Catch2 program, linked with the client library and (once it exists) the fake cluster, with src/ and tests/ as
# include roots; every test case becomes a ctest test "NAME/its sentence". The label is the folder below tests/.
find_package(Catch2 REQUIRED)
include(Catch)

add_library(kafka_test_main OBJECT "${PROJECT_SOURCE_DIR}/tests/support/catch_main.cpp")
target_link_libraries(kafka_test_main PUBLIC asio_kafka_client Catch2::Catch2 asio_kafka_internal)
target_include_directories(kafka_test_main PUBLIC "${PROJECT_SOURCE_DIR}/tests")
set_target_properties(kafka_test_main PROPERTIES CXX_EXTENSIONS OFF)

# Catch2's own code is compiled once and need not be fast; sanitized it must be, since its copies of inline functions may be linked.
set(catch_options -O0)
set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/support/catch_main.cpp" PROPERTIES COMPILE_OPTIONS "${catch_options}")

if(KAFKA_PCH)
  # Catch2 and what nearly every test includes; all test programs share the one precompiled header.
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/tests/precompiled.cpp" CONTENT "")
  add_library(kafka_test_pch OBJECT "${PROJECT_BINARY_DIR}/tests/precompiled.cpp")
  target_link_libraries(kafka_test_pch PRIVATE kafka_test_main)
  set_target_properties(kafka_test_pch PROPERTIES CXX_EXTENSIONS OFF)
  target_precompile_headers(kafka_test_pch PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/catch.hpp"
    <algorithm> <array> <chrono> <cstddef> <cstdint> <functional> <map> <memory> <optional> <span> <string> <string_view>
    <utility> <variant> <vector>)
endif()

function(kafka_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS;LABELS;DEFINITIONS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "kafka_add_test(${name}): SOURCES missing, or not understood: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_LABELS)
    file(RELATIVE_PATH below "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
    string(REGEX REPLACE "/.*" "" arg_LABELS "${below}")
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${arg_LIBS} kafka_test_main)
  if(TARGET asio_kafka_fake)
    target_link_libraries(${name} PRIVATE asio_kafka_fake)
  endif()
  target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
  if(KAFKA_PCH)
    target_precompile_headers(${name} REUSE_FROM kafka_test_pch)
  endif()
  # A test that checks nothing must fail, and so must a name that matches no test.
  catch_discover_tests(${name} TEST_PREFIX "${name}/"
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 300 FAIL_REGULAR_EXPRESSION "No tests ran|assertions: - none -")
endfunction()
