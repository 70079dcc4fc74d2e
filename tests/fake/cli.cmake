# SPDX-License-Identifier: Apache-2.0
# kafka-cli from the outside; a test for each class of cli_test.py, so that they run side by side.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(class IN ITEMS Topics OldWords Produce Consume Kcat Endings Terminal FakeAndDemo)
  add_test(NAME fake_cli/${class}
    COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_LIST_DIR}/cli_test.py" $<TARGET_FILE:kafka-cli> ${class})
  set_tests_properties(fake_cli/${class} PROPERTIES LABELS fake TIMEOUT 300)
endforeach()
