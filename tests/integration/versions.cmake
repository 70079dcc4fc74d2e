# SPDX-License-Identifier: Apache-2.0
# Read by ctest: for each version in KAFKA_TEST_VERSIONS (4.3.1 unless set) a fixture, which is one broker, and a test for
# each class of the programs, so that they run side by side.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)  # ctest knows nothing of the project's

set(integration_versions "$ENV{KAFKA_TEST_VERSIONS}")
if(integration_versions STREQUAL "")
  set(integration_versions 4.3.1)
endif()
string(REPLACE " " ";" integration_versions "${integration_versions}")

foreach(version IN LISTS integration_versions)
  set(fixture "integration/${version}")
  set(classes written.Written written.Placement read.ReadKcat read.ReadJava read.Deleted positions.Positions
    topics.Topics topics.Failures groups.Groups group_tools.GroupTools group_tools.Ranges
    verifiable_consumer.VerifiableConsumer verifiable_consumer.SlowProcessing verifiable_consumer.StaticMembers)
  if(version VERSION_LESS 3)
    list(APPEND classes read.OldFormats)
  else()
    list(APPEND classes read.Transactions)
  endif()

  foreach(step IN ITEMS start stop)
    add_test("${fixture}/${step}" "${integration_python}" -B "${integration_tests}/cluster.py" ${step}
      "${integration_broker}" "${integration_folder}/kafka-${version}" ${version})
  endforeach()
  set_tests_properties("${fixture}/start" PROPERTIES LABELS integration TIMEOUT 300 FIXTURES_SETUP "${fixture}")
  set_tests_properties("${fixture}/stop" PROPERTIES LABELS integration TIMEOUT 60 FIXTURES_CLEANUP "${fixture}")
  foreach(class IN LISTS classes)
    string(REPLACE "." "_test.py;" words "${class}")
    list(GET words 0 program)
    list(GET words 1 name)
    add_test("${fixture}/${name}" "${integration_python}" -B "${integration_tests}/${program}" "${integration_cli}"
      "${integration_broker}" "${integration_folder}/kafka-${version}" ${version} ${name})
    set_tests_properties("${fixture}/${name}" PROPERTIES LABELS integration TIMEOUT 600 FIXTURES_REQUIRED "${fixture}")
  endforeach()
endforeach()

if("4.3.1" IN_LIST integration_versions)
  # They bring three nodes of their own, which want the machine for themselves.
  add_test(integration/4.3.1/Faults "${integration_python}" -B "${integration_tests}/faults_test.py" "${integration_cli}"
    "${integration_broker}" "${integration_folder}/kafka-4.3.1-nodes" 4.3.1 Faults)
  add_test(integration/4.3.1/VerifiableProducer "${integration_python}" -B
    "${integration_tests}/verifiable_producer_test.py" "${integration_cli}" "${integration_broker}"
    "${integration_folder}/kafka-4.3.1-verifiable" 4.3.1 VerifiableProducer)
  set_tests_properties(integration/4.3.1/Faults integration/4.3.1/VerifiableProducer
    PROPERTIES LABELS integration TIMEOUT 900 PROCESSORS 2)
endif()
cmake_policy(POP)
