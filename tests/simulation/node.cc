#include "tests/simulation/node.h"

#include "absl/strings/str_cat.h"

namespace gongji::simulation {
namespace {

class MarkCounter final : public Counter {
 public:
  MarkCounter(World& world, std::string name) : world_(world), name_(std::move(name)) {}
  void Add(double amount) override { world_.Mark(name_, static_cast<int64_t>(amount)); }

 private:
  World& world_;
  const std::string name_;
};

}  // namespace

Counter& MarkMetrics::counter(const std::string& name, const std::string& /*help*/,
                              const Labels& labels) {
  std::string mark = name;
  for (const auto& [label, value] : labels) absl::StrAppend(&mark, " ", label, "=", value);
  auto& counter = counters_[mark];
  if (counter == nullptr) counter = std::make_unique<MarkCounter>(world_, mark);
  return *counter;
}

}  // namespace gongji::simulation
