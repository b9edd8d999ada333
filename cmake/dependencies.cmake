# Everything taken from Debian 12, as imported targets. The reasons are in
# docs/decisions/0006-toolchain-and-dependencies.md. tools/setup installs the packages.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(ABSL REQUIRED IMPORTED_TARGET
  absl_status absl_statusor absl_strings absl_str_format absl_time absl_synchronization
  absl_flat_hash_map absl_flat_hash_set absl_btree absl_span absl_cleanup absl_any_invocable
  absl_random_random absl_flags absl_flags_parse absl_flags_reflection absl_flags_usage
  absl_flags_config absl_failure_signal_handler absl_symbolize)
pkg_check_modules(SPDLOG REQUIRED IMPORTED_TARGET spdlog)
pkg_check_modules(JSON REQUIRED IMPORTED_TARGET nlohmann_json)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core prometheus-cpp-pull)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(GTEST REQUIRED IMPORTED_TARGET gtest gtest_main gmock)
find_package(rapidcheck CONFIG REQUIRED)
if(GONGJI_WITH_GRPC)
  pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++ grpc)
  pkg_check_modules(CLI11 REQUIRED IMPORTED_TARGET CLI11)
endif()

find_program(PROTOC protoc REQUIRED)
find_program(GRPC_PYTHON_PLUGIN grpc_python_plugin REQUIRED)
