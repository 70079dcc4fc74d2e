# SPDX-License-Identifier: Apache-2.0
# How everything of ours is compiled: build type, output folders, ccache, sanitizers, warnings.

if(PROJECT_IS_TOP_LEVEL)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "The build type" FORCE)
  endif()
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endif()

if(KAFKA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CCACHE_PROGRAM ccache)
  mark_as_advanced(CCACHE_PROGRAM)
  if(CCACHE_PROGRAM)
    # NOHASHDIR: a second checkout or build folder may use what the first one compiled.
    # The sloppiness lets it cache what was compiled with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_NOHASHDIR=1 "CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR}"
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endif()

set(KAFKA_SANITIZE "" CACHE STRING "Sanitizers for the whole build: 'address,undefined', 'thread' or 'fuzzer-no-link,...'")
if(KAFKA_SANITIZE)
  add_compile_options(-fsanitize=${KAFKA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KAFKA_SANITIZE})
  if(KAFKA_SANITIZE MATCHES "thread")
    # Asio's fences are invisible to the thread sanitizer, which then reports races that are none.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# What every target of ours compiles with and nobody else gets; link it as $<BUILD_INTERFACE:asio_kafka_internal>.
add_library(asio_kafka_internal INTERFACE)
target_include_directories(asio_kafka_internal INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/src")
target_compile_options(asio_kafka_internal INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wsign-conversion
  $<$<BOOL:${KAFKA_WERROR}>:-Werror>
  # gcc 12 warns of overlapping copies inside std::string that cannot happen (gcc bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  # The archive is position independent too, so that both libraries share their objects; this gives back the inlining
  # that -fPIC would forbid.
  $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
