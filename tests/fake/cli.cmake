# SPDX-License-Identifier: Apache-2.0
# kafka-cli from the outside; a test for each class of the programs, so that they run side by side.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(test IN ITEMS cli_test.Topics cli_test.OldWords cli_test.Produce cli_test.Consume cli_test.Kcat cli_test.Endings
    cli_test.Terminal cli_test.FakeAndDemo cli_producing_test.Json cli_producing_test.Files cli_producing_test.Delivery
    cli_producing_test.Transactions cli_producing_test.Verifiable cli_verifiable_consumer_test.VerifiableConsumer
    cli_consuming_test.Ranges cli_consuming_test.Selections cli_groups_test.Groups cli_groups_test.Offsets cli_groups_test.Resets)
  string(REPLACE "." ";" words "${test}")
  list(GET words 0 program)
  list(GET words 1 class)
  add_test(NAME fake_cli/${class}
    COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_LIST_DIR}/${program}.py" $<TARGET_FILE:kafka-cli> ${class})
  set_tests_properties(fake_cli/${class} PROPERTIES LABELS fake TIMEOUT 300)
endforeach()
add_test(NAME group_rules COMMAND Python3::Interpreter -B "${PROJECT_SOURCE_DIR}/tests/support/group_rules_test.py")
set_tests_properties(group_rules PROPERTIES LABELS unit)
