#include "services/common/rpc/directory.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace gongji::rpc {

absl::StatusOr<std::map<std::string, std::string>> ReadDirectory(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a JSON object"));
  }
  std::map<std::string, std::string> directory;
  for (const auto& [province, address] : json.items()) {
    if (province.size() != 2 || !address.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": \"", province, "\" is not a province with an address"));
    }
    directory[province] = address.get<std::string>();
  }
  return directory;
}

}  // namespace gongji::rpc
