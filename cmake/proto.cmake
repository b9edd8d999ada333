# gongji_proto has every message under proto/, included as "gongji/wallet/v1/wallet.pb.h". Service
# classes are not generated: services/common/rpc calls by method path, which keeps gRPC out of every
# file but the adapters (docs/decisions/0001-runtime-and-threads.md).

set(GONGJI_GEN_DIR ${PROJECT_BINARY_DIR}/gen)

function(gongji_proto_library)
  set(root ${PROJECT_SOURCE_DIR}/proto)
  file(GLOB_RECURSE protos CONFIGURE_DEPENDS ${root}/*.proto)
  foreach(proto IN LISTS protos)
    file(RELATIVE_PATH stem ${root} ${proto})
    string(REGEX REPLACE "\\.proto$" "" stem ${stem})
    set(base ${GONGJI_GEN_DIR}/${stem})
    get_filename_component(folder ${base} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    # The dependency file rebuilds a message when a proto file it imports changes.
    add_custom_command(
      OUTPUT ${base}.pb.cc ${base}.pb.h
      COMMAND ${PROTOC} -I ${root} --cpp_out=${GONGJI_GEN_DIR} --dependency_out=${base}.d
              ${stem}.proto
      DEPENDS ${proto}
      DEPFILE ${base}.d
      VERBATIM)
    list(APPEND messages ${base}.pb.cc)
  endforeach()
  add_library(gongji_proto STATIC ${messages})
  target_include_directories(gongji_proto SYSTEM PUBLIC ${GONGJI_GEN_DIR})
  target_link_libraries(gongji_proto PUBLIC PkgConfig::PROTOBUF Threads::Threads)
  target_compile_options(gongji_proto PRIVATE -w)
endfunction()

# The same contracts for the end-to-end tests in Python, below python/ of the build folder.
function(gongji_python_stubs)
  set(root ${PROJECT_SOURCE_DIR}/proto)
  set(out ${PROJECT_BINARY_DIR}/python)
  file(GLOB_RECURSE protos RELATIVE ${root} CONFIGURE_DEPENDS ${root}/*.proto)
  if(NOT GONGJI_WITH_GRPC)
    return()
  endif()
  list(TRANSFORM protos PREPEND ${root}/ OUTPUT_VARIABLE files)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/stamp
    COMMAND ${PROTOC} -I ${root} --python_out=${out} --grpc_python_out=${out}
            --plugin=protoc-gen-grpc_python=${GRPC_PYTHON_PLUGIN} ${protos}
    COMMAND ${CMAKE_COMMAND} -E touch ${out}/stamp
    DEPENDS ${files}
    VERBATIM)
  add_custom_target(gongji_python_stubs ALL DEPENDS ${out}/stamp)
endfunction()
