// One policy file, parsed, with the place of every knob in its text.
#ifndef GONGJI_POLICY_POLICY_FILE_H_
#define GONGJI_POLICY_POLICY_FILE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gongji/policy/v1/policy.pb.h"
#include "policy/policy.h"

namespace gongji::policy {

// A place in a file, from 1:1.
struct Place {
  std::string file;
  int line = 1;
  int column = 1;
};

// Gathers every mistake, so that an author sees all of them at once.
class Mistakes {
 public:
  void Add(const Place& place, const std::string& message);
  bool empty() const { return lines_.empty(); }
  // OK, or INVALID_ARGUMENT with one line per mistake, in the order found.
  absl::Status ToStatus() const;

 private:
  std::vector<std::string> lines_;
};

// One knob that a Rules block sets.
struct Knob {
  std::string name;  // "network.use_open"
  const google::protobuf::FieldDescriptor* group;
  const google::protobuf::FieldDescriptor* field;
  Place place;
};

// One Rules block with its days. `until` is the first day on which it no longer holds.
struct Block {
  const v1::Rules* rules;  // in the file's proto
  BusinessDay from;
  BusinessDay until;
  Place place;
  std::vector<Knob> knobs;
};

// Moving a File keeps `blocks` valid, because the proto is on the heap.
struct File {
  std::string layer;  // "national", two digits or six digits
  FileVersion version;
  std::unique_ptr<v1::PolicyFile> proto;
  std::vector<Block> blocks;
};

// Parses `text` and finds its knobs; nothing if the text cannot be read, with the reason in
// `mistakes`. Checks the form only: syntax, days, the layer's name. policy_check.h checks values.
std::optional<File> ParseFile(const PolicyText& text, Mistakes& mistakes);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_FILE_H_
