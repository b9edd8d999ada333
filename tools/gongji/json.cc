#include "tools/gongji/json.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/money.h"
#include "services/common/rpc/status_wire.h"
#include "tools/gongji/refusal.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

// A single value, or element `index` of a repeated field.
struct Element {
  const Message& message;
  const FieldDescriptor* field;
  int index = -1;

  template <class Single, class Repeated>
  auto Get(Single single, Repeated repeated) const {
    const auto* reflection = message.GetReflection();
    return index < 0 ? (reflection->*single)(message, field)
                     : (reflection->*repeated)(message, field, index);
  }
};

using Reflection = google::protobuf::Reflection;

Json NumberJson(int64_t number, const FieldDescriptor* field) {
  if (absl::EndsWith(field->name(), "_fen")) return FormatYuan(number);
  return number;
}

Json ValueJson(const Element& element) {
  const FieldDescriptor* field = element.field;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return element.Get(&Reflection::GetString, &Reflection::GetRepeatedString);
    case FieldDescriptor::CPPTYPE_BOOL:
      return element.Get(&Reflection::GetBool, &Reflection::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_INT32:
      return NumberJson(element.Get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32), field);
    case FieldDescriptor::CPPTYPE_INT64:
      return NumberJson(element.Get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64), field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return WordOf(*element.Get(&Reflection::GetEnum, &Reflection::GetRepeatedEnum));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto* reflection = element.message.GetReflection();
      return JsonOf(element.index < 0
                        ? reflection->GetMessage(element.message, field)
                        : reflection->GetRepeatedMessage(element.message, field, element.index));
    }
    default:
      return nullptr;  // The proto files use no other types.
  }
}

// The variable parts of a reason, which are the only kind of map in the proto files.
Json MapJson(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  std::map<std::string, std::string> sorted;
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& pair = reflection->GetRepeatedMessage(message, field, i);
    const auto text = [&](const FieldDescriptor* of) {
      return pair.GetReflection()->GetString(pair, of);
    };
    sorted[text(field->message_type()->map_key())] = text(field->message_type()->map_value());
  }
  Json object = Json::object();
  for (const auto& [name, value] : sorted) {
    object[NameWithoutUnit(name)] = ValueWithUnit(name, value);
  }
  return object;
}

Json FieldJson(const Message& message, const FieldDescriptor* field) {
  if (field->is_map()) return MapJson(message, field);
  if (!field->is_repeated()) return ValueJson({message, field});
  Json list = Json::array();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    list.push_back(ValueJson({message, field, i}));
  }
  return list;
}

}  // namespace

Json JsonOf(const Message& message) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return TimeText(*time);
  }
  if (const auto* status = dynamic_cast<const google::rpc::Status*>(&message)) {
    return JsonOf(RefusalOf(rpc::FromMessage(*status), Language::kEnglish));
  }
  const auto* descriptor = message.GetDescriptor();
  Json object = Json::object();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->has_presence() && !message.GetReflection()->HasField(message, field)) continue;
    object[NameWithoutUnit(field->name())] = FieldJson(message, field);
  }
  return object;
}

}  // namespace gongji::cli
