// One line of an example (examples/README.md): a JSON object in the field names of the national
// interface, amounts in yuan with two decimals. Reading is strict: a field that is missing,
// misspelt or of the wrong kind is an error with the line's number, in both languages. Subcommands
// make lines from their options, so that a word means the same in both.
#ifndef GONGJI_TOOLS_GONGJI_LINE_H_
#define GONGJI_TOOLS_GONGJI_LINE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/language.h"

namespace gongji::cli {

class Line {
 public:
  // `where` is put before every error, e.g. "examples/x.jsonl:12".
  Line(std::string where, nlohmann::json json) : where_(std::move(where)), json_(std::move(json)) {}

  const std::string& where() const { return where_; }

  bool Has(const std::string& field) const { return json_.contains(field); }
  std::string Text(const std::string& field);
  std::string TextOr(const std::string& field, const std::string& otherwise);
  int64_t Fen(const std::string& field);
  int64_t FenOr(const std::string& field, int64_t otherwise);
  int Integer(const std::string& field);
  std::optional<absl::Time> Time(const std::string& field);
  std::vector<std::string> Texts(const std::string& field);
  // A part that is an object of its own, such as "expect"; it is read with the same strictness.
  Line Part(const std::string& field);
  std::vector<std::string> Names() const;

  // Notes that a field's value cannot be used. Only the first problem counts.
  void Fail(const std::string& field, const gongji::Text& problem);

  // The first problem, or a field that was never read; OK if there is neither.
  absl::Status Checked() const;

 private:
  const nlohmann::json* Find(const std::string& field);

  std::string where_;
  nlohmann::json json_;
  std::set<std::string> read_;
  absl::Status status_;
};

// INVALID_ARGUMENT without a reason: `text` after `where`, in both languages.
absl::Status BadInput(const std::string& where, const std::string& en, const std::string& zh);

// Reads the one object that a whole file holds, e.g. a bill; "-" is standard input.
absl::StatusOr<nlohmann::json> ReadObject(const std::string& path);

// Reads all lines of a file, with their numbers; blank lines are skipped.
absl::StatusOr<std::vector<std::pair<int, Line>>> ReadLines(const std::string& path);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_LINE_H_
