// Plain text tables for people.
#ifndef GONGJI_TOOLS_GONGJI_TABLE_H_
#define GONGJI_TOOLS_GONGJI_TABLE_H_

#include <string>
#include <vector>

namespace gongji::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Columns as wide as their widest cell; Chinese characters count as two.
  // Columns as wide as their widest cell; Chinese characters count as two. Every line ends with a
  // newline (Text), or only those before the last (Lines).
  std::string Text() const;
  std::string Lines() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// `text` with its second and later lines indented below the first.
std::string Indented(const std::string& text);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_TABLE_H_
