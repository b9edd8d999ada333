# gongji_proto: every message under proto/, included as "gongji/wallet/v1/wallet.pb.h".
# gongji_proto_grpc: the generated service classes, only for proto files that define a service. The
# services do not use them (services/common/rpc calls by method path), which keeps gRPC out of every
# file but the adapters.

set(GONGJI_GEN_DIR ${PROJECT_BINARY_DIR}/gen)

function(gongji_generate_proto OUT_MESSAGES OUT_SERVICES)
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
    file(STRINGS ${proto} services REGEX "^service ")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${proto})
    if(services)
      add_custom_command(
        OUTPUT ${base}.grpc.pb.cc ${base}.grpc.pb.h
        COMMAND ${PROTOC} -I ${root} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN}
                --grpc_out=${GONGJI_GEN_DIR} ${stem}.proto
        DEPENDS ${proto} ${base}.pb.h
        VERBATIM)
      list(APPEND adapters ${base}.grpc.pb.cc)
    endif()
  endforeach()
  set(${OUT_MESSAGES} ${messages} PARENT_SCOPE)
  set(${OUT_SERVICES} ${adapters} PARENT_SCOPE)
endfunction()

function(gongji_proto_libraries)
  gongji_generate_proto(messages adapters)
  if(NOT messages)
    add_library(gongji_proto INTERFACE)
    add_library(gongji_proto_grpc INTERFACE)
    return()
  endif()
  add_library(gongji_proto STATIC ${messages})
  target_include_directories(gongji_proto SYSTEM PUBLIC ${GONGJI_GEN_DIR})
  target_link_libraries(gongji_proto PUBLIC PkgConfig::PROTOBUF Threads::Threads)
  target_compile_options(gongji_proto PRIVATE -w)
  if(GONGJI_WITH_GRPC AND adapters)
    add_library(gongji_proto_grpc STATIC EXCLUDE_FROM_ALL ${adapters})
    target_link_libraries(gongji_proto_grpc PUBLIC gongji_proto PkgConfig::GRPC)
    target_compile_options(gongji_proto_grpc PRIVATE -w)
  else()
    add_library(gongji_proto_grpc INTERFACE)
  endif()
endfunction()

# The same contracts for the end-to-end tests in Python, below python/ of the build folder.
function(gongji_python_stubs)
  set(root ${PROJECT_SOURCE_DIR}/proto)
  set(out ${PROJECT_BINARY_DIR}/python)
  file(GLOB_RECURSE protos RELATIVE ${root} CONFIGURE_DEPENDS ${root}/*.proto)
  if(NOT protos OR NOT GONGJI_WITH_GRPC)
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
