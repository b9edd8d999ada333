// For tests: folders of their own.
#ifndef GONGJI_SERVICES_COMMON_TESTING_TEMPORARY_FOLDER_H_
#define GONGJI_SERVICES_COMMON_TESTING_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "services/common/errors/check.h"

namespace gongji {

// Makes a new folder whose name begins with `name`. The caller removes it.
inline std::filesystem::path MakeTemporaryFolder(const std::string& name = "gongji") {
  std::string pattern = std::filesystem::temp_directory_path() / (name + "-XXXXXX");
  CHECK(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_TEMPORARY_FOLDER_H_
