# Compiler, flags and the compiler cache: everything that is the same for every target.

# g++ 12 miscompiles coroutines in this project's style and plain `clang` on Debian 12 is version 14
# (docs/decisions/0006-toolchain-and-dependencies.md), so anything else is refused at once.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT CMAKE_CXX_COMPILER_VERSION MATCHES "^19\\.")
  message(FATAL_ERROR "clang++-19 is required (found ${CMAKE_CXX_COMPILER_ID} "
                      "${CMAKE_CXX_COMPILER_VERSION}); use a preset, e.g. cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# The modules scan costs a process per file, and this project has no modules.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

set(GONGJI_FLAVOUR "release" CACHE STRING "release, debug, asan, ubsan or tsan")
option(GONGJI_WITH_GRPC "Build the targets that link gRPC" ON)

# CMAKE_BUILD_TYPE stays empty: no flavour defines NDEBUG, so assertions about money stay on.
set(_sanitized -O1 -g1 -fno-omit-frame-pointer -fno-sanitize-recover=all
               -D_GLIBCXX_ASSERTIONS)
if(GONGJI_FLAVOUR STREQUAL "release")
  add_compile_options(-O2 -g1)
elseif(GONGJI_FLAVOUR STREQUAL "debug")
  add_compile_options(-O0 -g)
elseif(GONGJI_FLAVOUR STREQUAL "asan")
  add_compile_options(${_sanitized} -fsanitize=address)
  add_link_options(-fsanitize=address)
elseif(GONGJI_FLAVOUR STREQUAL "ubsan")
  add_compile_options(${_sanitized} -fsanitize=undefined)
  add_link_options(-fsanitize=undefined)
elseif(GONGJI_FLAVOUR STREQUAL "tsan")
  if(GONGJI_WITH_GRPC)
    message(FATAL_ERROR "the packaged gRPC is not instrumented: tsan needs GONGJI_WITH_GRPC=OFF")
  endif()
  add_compile_options(${_sanitized} -fsanitize=thread)
  add_link_options(-fsanitize=thread)
else()
  message(FATAL_ERROR "unknown GONGJI_FLAVOUR '${GONGJI_FLAVOUR}'")
endif()

add_link_options(-fuse-ld=mold -Wl,--as-needed)

# With these two settings a clone in another folder finds every object in the cache. Precompiled
# headers would make ccache miss, so there are none.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

# For our own code only, not for generated code and system headers.
add_library(gongji_warnings INTERFACE)
target_compile_options(gongji_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wno-missing-designated-field-initializers -Werror)
