#include "tools/gongji/addresses.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace gongji::cli {

absl::StatusOr<Addresses> ReadAddresses(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a JSON object"));
  }
  Addresses addresses;
  for (const auto& [name, to] :
       {std::pair{"relation", &addresses.relation}, std::pair{"limits", &addresses.limits},
        std::pair{"settlement", &addresses.settlement}}) {
    if (!json.contains(name) || !json[name].is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": no address of ", name));
    }
    *to = json[name].get<std::string>();
  }
  if (!json.contains("wallets") || !json["wallets"].is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": no wallets"));
  }
  for (const auto& [province, address] : json["wallets"].items()) {
    if (!address.is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": no address of wallet ", province));
    }
    addresses.wallets[province] = address.get<std::string>();
  }
  return addresses;
}

}  // namespace gongji::cli
