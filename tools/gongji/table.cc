#include "tools/gongji/table.h"

#include <algorithm>
#include <utility>

namespace gongji::cli {
namespace {

// Columns that UTF-8 `text` takes on a terminal.
size_t WidthOf(const std::string& text) {
  size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      width += 1;
    } else if (byte >= 0xe0) {
      width += 2;  // First byte of a character of three bytes or more.
    }
  }
  return width;
}

}  // namespace

std::string Table::Text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += "  " + row[i];
      if (i + 1 < row.size()) text.append(widths[i] - WidthOf(row[i]), ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

std::string Table::Lines() const {
  std::string text = Text();
  text.pop_back();
  return text;
}

std::string Indented(const std::string& text) {
  std::string indented = "  ";
  for (const char c : text) {
    indented.push_back(c);
    if (c == '\n') indented += "      ";
  }
  return indented;
}

}  // namespace gongji::cli
