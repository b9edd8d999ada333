# The shapes every part of the project has. File names decide where a file belongs, so a new file
# needs no change here:
#
#   gongji_library(NAME DIR DEPENDS ...)   DIR/*.cc -> library NAME, DIR/*_test.cc -> NAME_test
#   gongji_binary(NAME FILE DEPENDS ...)   FILE -> bin/NAME
#   gongji_service(S ...)                  services/S -> gongji_S (domain), gongji_S_io, gongji-S

include(GoogleTest)
include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# Files that touch the outside world, by the last word of their name (wallet_store.cc,
# wallet_store_sql.cc, relation_peers.cc ...). The same rule names their tests.
set(GONGJI_IO_FILE "(^|/)(config|[a-z0-9_]+_(store|peers|service|wire|codec)(_[a-z0-9_]+)?)\\.cc$")
# A store in memory touches nothing: it belongs to the domain, where the simulator finds it.
set(GONGJI_MEMORY_FILE "_store_memory\\.cc$")
# The part of them that needs no gRPC and is therefore also built for the thread sanitizer.
set(GONGJI_STORE_FILE "_(store|codec)(_[a-z0-9_]+)?\\.cc$")

# Sorts DIR/*.cc into sources and tests; main.cc belongs to neither.
function(_gongji_sources DIR OUT_SOURCES OUT_TESTS)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(${OUT_SOURCES} ${sources} PARENT_SCOPE)
  set(${OUT_TESTS} ${tests} PARENT_SCOPE)
endfunction()

# Keeps the files of LIST that match PATTERN (with EXCLUDE: the others), reading x_test.cc as x.cc.
function(_gongji_filter LIST MODE PATTERN)
  set(kept "")
  foreach(file IN LISTS ${LIST})
    string(REGEX REPLACE "_test\\.cc$" ".cc" name ${file})
    string(REGEX MATCH "${PATTERN}" matched ${name})
    if(name MATCHES "${GONGJI_MEMORY_FILE}")
      set(matched "")
    endif()
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
  target_link_libraries(${NAME} PRIVATE ${DEPENDS} gongji_warnings PkgConfig::GTEST rapidcheck)
  # The timeout ends what hangs; a sanitizer on a busy machine takes minutes for the longest test.
  gtest_discover_tests(${NAME}
    DISCOVERY_MODE PRE_TEST
    NO_PRETTY_VALUES
    TEST_PREFIX ${NAME}.
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES TIMEOUT 600)
endfunction()

# gongji_library(NAME DIR [DEPENDS libraries...] [TEST_DEPENDS libraries...])
function(gongji_library NAME DIR)
  cmake_parse_arguments(ARG "" "" "DEPENDS;TEST_DEPENDS" ${ARGN})
  _gongji_sources(${DIR} sources tests)
  if(NOT sources)
    message(FATAL_ERROR "${NAME}: no sources in ${DIR}")
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

# gongji_service(SERVICE [DEPENDS libraries of the domain...] [STORE libraries of its store...]
#                [TEST_DEPENDS ...])
function(gongji_service SERVICE)
  cmake_parse_arguments(ARG "" "" "DEPENDS;STORE;TEST_DEPENDS" ${ARGN})
  set(domain gongji_${SERVICE})
  set(io gongji_${SERVICE}_io)
  _gongji_sources(services/${SERVICE} domain_sources domain_tests)
  if(NOT domain_sources)
    message(FATAL_ERROR "${SERVICE}: no sources in services/${SERVICE}")
  endif()
  set(io_sources ${domain_sources})
  set(io_tests ${domain_tests})
  _gongji_filter(io_sources INCLUDE "${GONGJI_IO_FILE}")
  _gongji_filter(io_tests INCLUDE "${GONGJI_IO_FILE}")
  # Doors in memory touch nothing outside and serve the simulator.
  _gongji_filter(io_sources EXCLUDE "_memory\\.cc$")
  list(REMOVE_ITEM domain_sources ${io_sources})
  list(REMOVE_ITEM domain_tests ${io_tests})
  set(io_depends ${domain} gongji_proto ${ARG_STORE})
  if(GONGJI_WITH_GRPC)
    list(APPEND io_depends gongji_rpc)
  else()
    _gongji_filter(io_sources INCLUDE "${GONGJI_STORE_FILE}")
    _gongji_filter(io_tests INCLUDE "${GONGJI_STORE_FILE}")
  endif()

  _gongji_add_library(${domain} "${domain_sources}" "gongji_common;gongji_reasons;${ARG_DEPENDS}")
  _gongji_add_library(${io} "${io_sources}" "${io_depends}")
  file(GLOB schema CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/services/${SERVICE}/schema/*.sql)
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/services/${SERVICE}/*.lua)
  if(io_sources)
    gongji_embed(${io} ${SERVICE} schema Schema ${schema})
    gongji_embed(${io} ${SERVICE} scripts Script ${scripts})
  endif()
  _gongji_add_test(${domain}_test "${domain_tests}" "${domain};${ARG_TEST_DEPENDS}")
  _gongji_add_test(${io}_test "${io_tests}" "${io};${ARG_TEST_DEPENDS}")
  if(GONGJI_WITH_GRPC)
    # Sanitizers bring an allocator of their own.
    if(GONGJI_FLAVOUR STREQUAL "release")
      set(allocator PkgConfig::JEMALLOC)
    endif()
    gongji_binary(gongji-${SERVICE} services/${SERVICE}/main.cc DEPENDS ${allocator} ${io})
  endif()
endfunction()
