# SPDX-License-Identifier: Apache-2.0
# Read by ctest after versions.cmake: the tests that disturb a producer or a group. Their short forms belong to the integration tests; the
# long ones (label chaos) are there only where KAFKA_TEST_CHAOS is set, which scripts/test --chaos does.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)  # ctest knows nothing of the project's

# disturb(NAME PROGRAM FOLDER VERSION CLASS...)
function(disturb name program folder version)
  add_test("${name}" "${integration_python}" -B "${integration_tests}/${program}_test.py" "${integration_cli}"
    "${integration_broker}" "${integration_folder}/${folder}" ${version} ${ARGN})
  set_tests_properties("${name}" PROPERTIES LABELS integration TIMEOUT 600
    ENVIRONMENT "KAFKA_CHAOS_PROGRAMS=${integration_chaos_programs}")
endfunction()

foreach(version IN LISTS integration_versions)
  set(fixture "integration/${version}")
  foreach(class IN ITEMS moving.Moving transactions.Killed transactions.Fenced transactions.TooSlow produced.Grown produced.TooLarge
      produced.Poisonous exactly_once.ExactlyOnce disturbed_groups.Disturbed)
    if(class STREQUAL exactly_once.ExactlyOnce AND version VERSION_LESS 2.5)
      continue()  # before, brokers know nothing of the group's generation in a transaction
    endif()
    string(REPLACE "." ";" words "${class}")
    list(GET words 0 program)
    list(GET words 1 name)
    disturb("${fixture}/${name}" ${program} kafka-${version} ${version} ${name})
    set_tests_properties("${fixture}/${name}" PROPERTIES FIXTURES_REQUIRED "${fixture}")
  endforeach()
  if(NOT "$ENV{KAFKA_TEST_CHAOS}" STREQUAL "")
    if(NOT version VERSION_LESS 2.5)
      disturb("chaos/${version}/ExactlyOnceLong" exactly_once kafka-${version} ${version} ExactlyOnceLong)
      set_tests_properties("chaos/${version}/ExactlyOnceLong" PROPERTIES LABELS chaos FIXTURES_REQUIRED "${fixture}")
    endif()
    disturb("chaos/${version}/KilledOften" transactions kafka-${version} ${version} KilledOften)
    disturb("chaos/${version}/DisturbedLong" disturbed_groups kafka-${version} ${version} DisturbedLong)
    set_tests_properties("chaos/${version}/KilledOften" "chaos/${version}/DisturbedLong"
      PROPERTIES LABELS chaos FIXTURES_REQUIRED "${fixture}")
    set_tests_properties("chaos/${version}/DisturbedLong" PROPERTIES TIMEOUT 3600)
  endif()
endforeach()

if("4.3.1" IN_LIST integration_versions)
  # They bring three nodes of their own, which want the machine for themselves.
  disturb(integration/4.3.1/Nodes nodes kafka-4.3.1-chaos 4.3.1 LeaderKilled NodesStopped Forgotten)
  disturb(integration/4.3.1/RollingRestart disturbed_groups kafka-4.3.1-rolling 4.3.1 RollingRestart)
  disturb(integration/4.3.1/Following following kafka-4.3.1-racks 4.3.1 Following NearMembers)
  set_tests_properties(integration/4.3.1/Nodes integration/4.3.1/RollingRestart integration/4.3.1/Following PROPERTIES PROCESSORS 2)
  set_tests_properties(integration/4.3.1/RollingRestart PROPERTIES TIMEOUT 900)
  if(NOT "$ENV{KAFKA_TEST_CHAOS}" STREQUAL "")
    foreach(name IN ITEMS LeaderKilledOften NodesStoppedLong)
      disturb(chaos/4.3.1/${name} nodes kafka-4.3.1-chaos 4.3.1 ${name})
      set_tests_properties(chaos/4.3.1/${name} PROPERTIES LABELS chaos TIMEOUT 1800 RUN_SERIAL ON)
    endforeach()
    disturb(chaos/4.3.1/RollingRestartOften disturbed_groups kafka-4.3.1-rolling 4.3.1 RollingRestartOften)
    set_tests_properties(chaos/4.3.1/RollingRestartOften PROPERTIES LABELS chaos TIMEOUT 3000 RUN_SERIAL ON)
  endif()
endif()
cmake_policy(POP)
