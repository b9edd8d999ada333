#include "tools/gongji/addresses.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tools/gongji/line.h"

namespace gongji::cli {

absl::StatusOr<Addresses> ReadAddresses(const std::string& path) {
  std::ifstream file(path);
  if (!file) return BadInput(path, "cannot be read", "无法读取");
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return BadInput(path, "not a JSON object", "不是 JSON 对象");
  }
  Addresses addresses;
  for (const auto& [name, to] :
       {std::pair{"relation", &addresses.relation}, std::pair{"limits", &addresses.limits},
        std::pair{"settlement", &addresses.settlement}}) {
    if (!json.contains(name) || !json[name].is_string()) {
      return BadInput(path, absl::StrCat("no address of ", name), absl::StrCat("缺少地址：", name));
    }
    *to = json[name].get<std::string>();
  }
  if (!json.contains("wallets") || !json["wallets"].is_object()) {
    return BadInput(path, "no wallets", "缺少 wallets");
  }
  for (const auto& [province, address] : json["wallets"].items()) {
    if (!address.is_string()) {
      return BadInput(path, absl::StrCat("no address of wallet ", province),
                      absl::StrCat("缺少分片地址：", province));
    }
    addresses.wallets[province] = address.get<std::string>();
  }
  return addresses;
}

}  // namespace gongji::cli
