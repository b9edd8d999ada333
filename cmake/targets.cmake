# The shapes that every part of the project has. Folders and file names decide where a file belongs,
# so a new file needs no change here:
#
#   gongji_library(NAME DIRS DEPENDS ...)   DIRS/*.cc -> library NAME, DIRS/*_test.cc -> NAME_test
#   gongji_binary(NAME FILE DEPENDS ...)    FILE -> bin/NAME
#   gongji_part(S ...)                      services/S and its folders -> gongji_S (domain),
#                                           gongji_S_io, gongji_S_testing and their tests
#   gongji_service(S ...)                   the same, and services/S/main.cc -> bin/gongji-S

include(GoogleTest)
include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# Files of a service that touch the outside world: everything in a folder sqlite/ or postgres/,
# names that end in the protocol or engine (limits_store_redis.cc, relation_peers_grpc.cc), and
# files that only main.cc uses (config, gate, shard). The same rule sorts their tests.
set(GONGJI_IO_NAME "config|gate|shard|[a-z0-9_]+_(service|wire|grpc|sqlite|redis)(_[a-z0-9_]+)?")
set(GONGJI_IO_FILE "/(sqlite|postgres)/|/(${GONGJI_IO_NAME})\\.cc$")
# In-memory stores and other helpers of tests do not touch the outside world.
set(GONGJI_TESTING_FILE "/testing/")
# Files of GONGJI_IO_FILE that need no gRPC and are therefore also built for the thread sanitizer.
set(GONGJI_STORE_FILE "/(sqlite|postgres)/|_(sqlite|redis)(_[a-z0-9_]+)?\\.cc$")

# Sorts FILES into sources and tests; main.cc belongs to neither.
function(_gongji_sort FILES OUT_SOURCES OUT_TESTS)
  set(sources ${${FILES}})
  set(tests ${${FILES}})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(${OUT_SOURCES} ${sources} PARENT_SCOPE)
  set(${OUT_TESTS} ${tests} PARENT_SCOPE)
endfunction()

# Keeps the files of LIST that match PATTERN (with EXCLUDE: the others), reading x_test.cc as x.cc
# and paths from services/ on.
function(_gongji_filter LIST MODE PATTERN)
  set(kept "")
  foreach(file IN LISTS ${LIST})
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${file})
    string(REGEX REPLACE "_test\\.cc$" ".cc" name ${name})
    string(REGEX MATCH "${PATTERN}" matched ${name})
    if((matched AND MODE STREQUAL "INCLUDE") OR (NOT matched AND MODE STREQUAL "EXCLUDE"))
      list(APPEND kept ${file})
    endif()
  endforeach()
  set(${LIST} "${kept}" PARENT_SCOPE)
endfunction()

function(_gongji_add_library NAME SOURCES DEPENDS)
  if(SOURCES)
    add_library(${NAME} STATIC ${SOURCES})
    target_include_directories(${NAME} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${NAME} PUBLIC ${DEPENDS} PRIVATE gongji_warnings)
  else()
    # A library of headers only.
    add_library(${NAME} INTERFACE)
    target_include_directories(${NAME} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${NAME} INTERFACE ${DEPENDS})
  endif()
endfunction()

function(_gongji_add_test NAME TESTS DEPENDS)
  if(NOT TESTS)
    return()
  endif()
  add_executable(${NAME} ${TESTS})
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE ${DEPENDS} gongji_warnings gongji_testing
                        PkgConfig::GTEST rapidcheck)
  # The timeout ends tests that hang; a sanitizer on a busy machine takes minutes for the longest.
  gtest_discover_tests(${NAME}
    DISCOVERY_MODE PRE_TEST
    NO_PRETTY_VALUES
    TEST_PREFIX ${NAME}.
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES TIMEOUT 600)
endfunction()

# gongji_library(NAME DIRS [DEPENDS libraries...] [TEST_DEPENDS libraries...])
function(gongji_library NAME DIRS)
  cmake_parse_arguments(ARG "" "" "DEPENDS;TEST_DEPENDS" ${ARGN})
  set(files "")
  foreach(dir IN LISTS DIRS)
    file(GLOB some CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${dir}/*.cc)
    list(APPEND files ${some})
  endforeach()
  _gongji_sort(files sources tests)
  if(NOT sources)
    message(FATAL_ERROR "${NAME}: no sources in ${DIRS}")
  endif()
  _gongji_add_library(${NAME} "${sources}" "${ARG_DEPENDS}")
  _gongji_add_test(${NAME}_test "${tests}" "${NAME};${ARG_TEST_DEPENDS}")
endfunction()

# gongji_binary(NAME FILE [DEPENDS libraries...])
function(gongji_binary NAME FILE)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(${NAME} ${PROJECT_SOURCE_DIR}/${FILE})
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPENDS} gongji_warnings)
endfunction()

# gongji_part(PART [DEPENDS libraries of the domain...] [STORE libraries of its store...]
#             [TEST_DEPENDS ...])
function(gongji_part PART)
  cmake_parse_arguments(ARG "" "" "DEPENDS;STORE;TEST_DEPENDS" ${ARGN})
  set(domain gongji_${PART})
  set(io gongji_${PART}_io)
  set(testing gongji_${PART}_testing)
  set(folder ${PROJECT_SOURCE_DIR}/services/${PART})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.cc)
  _gongji_sort(files domain_sources domain_tests)
  set(testing_sources ${domain_sources})
  _gongji_filter(testing_sources INCLUDE "${GONGJI_TESTING_FILE}")
  list(REMOVE_ITEM domain_sources ${testing_sources})
  set(io_sources ${domain_sources})
  set(io_tests ${domain_tests})
  _gongji_filter(io_sources INCLUDE "${GONGJI_IO_FILE}")
  _gongji_filter(io_tests INCLUDE "${GONGJI_IO_FILE}")
  _gongji_filter(io_tests EXCLUDE "${GONGJI_TESTING_FILE}")
  list(REMOVE_ITEM domain_sources ${io_sources})
  list(REMOVE_ITEM domain_tests ${io_tests})
  set(io_depends ${domain} gongji_proto ${ARG_STORE})
  if(GONGJI_WITH_GRPC)
    list(APPEND io_depends gongji_rpc)
  else()
    _gongji_filter(io_sources INCLUDE "${GONGJI_STORE_FILE}")
    _gongji_filter(io_tests INCLUDE "${GONGJI_STORE_FILE}")
  endif()

  _gongji_add_library(${domain} "${domain_sources}" "gongji_common;${ARG_DEPENDS}")
  _gongji_add_library(${io} "${io_sources}" "${io_depends}")
  _gongji_add_library(${testing} "${testing_sources}" "${domain}")
  file(GLOB_RECURSE schema CONFIGURE_DEPENDS ${folder}/*.sql)
  file(GLOB scripts CONFIGURE_DEPENDS ${folder}/*.lua)
  if(io_sources)
    gongji_embed(${io} ${PART} schema Schema ${schema})
    gongji_embed(${io} ${PART} scripts Script ${scripts})
  endif()
  _gongji_add_test(${domain}_test "${domain_tests}" "${domain};${testing};${ARG_TEST_DEPENDS}")
  _gongji_add_test(${io}_test "${io_tests}" "${io};${testing};${ARG_TEST_DEPENDS}")
endfunction()

# gongji_service(SERVICE ...): a part that is a process.
function(gongji_service SERVICE)
  gongji_part(${SERVICE} ${ARGN})
  if(GONGJI_WITH_GRPC)
    # Sanitizers have an allocator of their own.
    if(GONGJI_FLAVOUR STREQUAL "release")
      set(allocator PkgConfig::JEMALLOC)
    endif()
    gongji_binary(gongji-${SERVICE} services/${SERVICE}/main.cc
      DEPENDS ${allocator} gongji_${SERVICE}_io)
  endif()
endfunction()
