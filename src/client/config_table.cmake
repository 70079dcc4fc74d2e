# SPDX-License-Identifier: Apache-2.0
# Configuration: the table, what is read from it, properties files.
target_sources(asio_kafka_client PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/config_table.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_validate.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_value.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configuration_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/iso_duration.cpp
  ${CMAKE_CURRENT_LIST_DIR}/properties.cpp
  ${CMAKE_CURRENT_LIST_DIR}/properties_file.cpp)
