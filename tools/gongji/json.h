// Messages as JSON for programs: names of the contracts without the unit, amounts in yuan, times in
// +08:00, words instead of enumerators.
#ifndef GONGJI_TOOLS_GONGJI_JSON_H_
#define GONGJI_TOOLS_GONGJI_JSON_H_

#include <nlohmann/json.hpp>

#include "google/protobuf/message.h"

namespace gongji::cli {

// Every field that has no presence is there, also at its default, so that scripts find the same
// keys each time; of a oneof, and of messages, what is set.
nlohmann::ordered_json JsonOf(const google::protobuf::Message& message);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_JSON_H_
