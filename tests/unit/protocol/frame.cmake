# SPDX-License-Identifier: Apache-2.0
kafka_add_test(unit_frame SOURCES ${CMAKE_CURRENT_LIST_DIR}/frame_test.cpp)
