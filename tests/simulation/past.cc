#include "tests/simulation/past.h"

#include <algorithm>
#include <tuple>

namespace gongji::simulation {

void Past::Note(const std::map<std::string, int64_t>& values) {
  ++notes_;
  for (const auto& [fact, value] : values) {
    std::vector<Moment>& moments = facts_[fact];
    const int64_t before = moments.empty() ? 0 : moments.back().value;
    if (value != before) moments.push_back({world_.now(), notes_, value});
  }
}

bool Past::Ever(const std::vector<std::string>& facts, const Span& span,
                absl::FunctionRef<bool(const Values&)> holds) const {
  Values values(facts.size(), 0);
  // What changed in the span, in order: order, index of the fact, value.
  std::vector<std::tuple<int64_t, size_t, int64_t>> changes;
  for (size_t index = 0; index < facts.size(); ++index) {
    const auto found = facts_.find(facts[index]);
    if (found == facts_.end()) continue;
    for (const Moment& moment : found->second) {
      if (moment.at < span.from) {
        values[index] = moment.value;
      } else if (moment.at <= span.to) {
        changes.emplace_back(moment.order, index, moment.value);
      }
    }
  }
  if (holds(values)) return true;
  std::sort(changes.begin(), changes.end());
  for (size_t at = 0; at < changes.size(); ++at) {
    const auto& [order, index, value] = changes[at];
    values[index] = value;
    const bool together = at + 1 < changes.size() && std::get<0>(changes[at + 1]) == order;
    if (!together && holds(values)) return true;
  }
  return false;
}

bool Past::Ever(const std::string& fact, const Span& span,
                absl::FunctionRef<bool(int64_t)> holds) const {
  return Ever(std::vector<std::string>{fact}, span,
              [&](const Values& values) { return holds(values.front()); });
}

std::vector<std::string> Past::FactsUnder(const std::string& prefix) const {
  std::vector<std::string> found;
  for (auto at = facts_.lower_bound(prefix); at != facts_.end() && at->first.starts_with(prefix);
       ++at) {
    found.push_back(at->first);
  }
  return found;
}

}  // namespace gongji::simulation
