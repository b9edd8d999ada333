// What was true on the disks of a seed, and when: facts that have a number as their value, noted at
// each change. With it one can ask whether something was so at any moment of a span.
#ifndef GONGJI_TESTS_SIMULATION_PAST_H_
#define GONGJI_TESTS_SIMULATION_PAST_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {

// From the first request to the last answer of somebody.
struct Span {
  absl::Duration from;
  absl::Duration to;
};

class Past {
 public:
  using Values = std::vector<int64_t>;

  explicit Past(const World& world) : world_(world) {}

  // From now on each of the facts has this value; before its first note it is 0. They become true
  // together: no moment lies between them.
  void Note(const std::map<std::string, int64_t>& values);

  // True if at some moment of `span`, both ends included, `holds` was true of the values of `facts`
  // at that moment. Notes at one time are moments of their own, in their order.
  bool Ever(const std::vector<std::string>& facts, const Span& span,
            absl::FunctionRef<bool(const Values&)> holds) const;
  // The same for one fact.
  bool Ever(const std::string& fact, const Span& span,
            absl::FunctionRef<bool(int64_t)> holds) const;

  // The facts whose names begin so.
  std::vector<std::string> FactsUnder(const std::string& prefix) const;

 private:
  struct Moment {
    absl::Duration at;
    int64_t order = 0;  // of the note
    int64_t value = 0;
  };

  const World& world_;
  int64_t notes_ = 0;
  std::map<std::string, std::vector<Moment>> facts_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_PAST_H_
