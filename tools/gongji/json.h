// Messages as JSON for programs: field names of the proto files without the unit, amounts in yuan,
// times in +08:00, words instead of enumerators.
#ifndef GONGJI_TOOLS_GONGJI_JSON_H_
#define GONGJI_TOOLS_GONGJI_JSON_H_

#include <nlohmann/json.hpp>

#include "google/protobuf/message.h"

namespace gongji::cli {

// Fields without presence are always written, even with their default, so that scripts find the
// same keys each time. Members of a oneof and messages are written if they are set.
nlohmann::ordered_json JsonOf(const google::protobuf::Message& message);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_JSON_H_
