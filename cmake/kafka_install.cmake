# SPDX-License-Identifier: Apache-2.0
# The installed package: libraries (static, shared or both), headers, CMake package, pkg-config files, programs.
# Components: asio_kafka_static, asio_kafka_shared, asio_kafka_development, asio_kafka_programs.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/asio_kafka")

# install_kind(static|shared TARGET...): the libraries and an export file of that kind; both kinds give the same names.
function(install_kind kind)
  install(TARGETS ${ARGN} EXPORT asio_kafka_${kind}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT asio_kafka_${kind}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT asio_kafka_${kind} NAMELINK_COMPONENT asio_kafka_${kind}
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT asio_kafka_${kind})
  install(EXPORT asio_kafka_${kind} NAMESPACE asio_kafka:: FILE asio_kafka-${kind}.cmake
    DESTINATION "${package_folder}" COMPONENT asio_kafka_${kind})
endfunction()

set(libraries asio_kafka_client)
if(TARGET asio_kafka_fake)
  list(APPEND libraries asio_kafka_fake)
endif()
foreach(library IN LISTS libraries)
  string(REPLACE asio_kafka_ "" export_name ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${export_name})
  if(TARGET ${library}_shared)
    set_target_properties(${library}_shared PROPERTIES EXPORT_NAME ${export_name})
  endif()
endforeach()

if(BUILD_SHARED_LIBS)
  install_kind(shared ${libraries})
else()
  install_kind(static ${libraries})
  if(KAFKA_BOTH_LIBRARIES)
    list(TRANSFORM libraries APPEND _shared OUTPUT_VARIABLE shared_libraries)
    install_kind(shared ${shared_libraries})
  endif()
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/kafka" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT asio_kafka_development FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/asio_kafka-config.cmake.in"
  "${PROJECT_BINARY_DIR}/package/asio_kafka-config.cmake" INSTALL_DESTINATION "${package_folder}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/asio_kafka-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/package/asio_kafka-config.cmake"
  "${PROJECT_BINARY_DIR}/package/asio_kafka-config-version.cmake"
  DESTINATION "${package_folder}" COMPONENT asio_kafka_development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cmake/find/" DESTINATION "${package_folder}/find" COMPONENT asio_kafka_development)

# With no shared library, a plain `pkg-config --libs` must already name everything the archive needs.
set(pc_private .private)
if(NOT BUILD_SHARED_LIBS AND NOT KAFKA_BOTH_LIBRARIES)
  set(pc_private "")
endif()
file(RELATIVE_PATH pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/.")  # relocatable, like the CMake package
list(JOIN KAFKA_PC_REQUIRES ", " pc_requires)
foreach(library IN LISTS libraries)
  string(REPLACE asio_kafka_client asio_kafka pc_name ${library})
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${pc_name}.pc.in" "${PROJECT_BINARY_DIR}/package/${pc_name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${pc_name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT asio_kafka_development)
endforeach()

foreach(program IN ITEMS kafka-cli kafka-bench)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT asio_kafka_programs)
  endif()
endforeach()
