// Random transactions for a shard with three persons and two relations: steps of the design's
// tables as they are, steps with conditions that may not hold, and malformed ones. To be called
// inside rc::gen::exec, so that every draw can be shrunk.
#ifndef GONGJI_TESTS_MODEL_DRAW_H_
#define GONGJI_TESTS_MODEL_DRAW_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "services/ledger/transaction.h"
#include "tests/model/reference.h"

namespace gongji::model {

// The day whose places are claimed.
inline constexpr char kPlaceDay[] = "2026-12-30";

// One of `values`; the first is the simplest.
int Draw(std::initializer_list<int> values);
// True in one of `times` cases.
bool Chance(int times);

std::string DrawPerson();
std::string DrawAccount();
// A new id, or in one of `times` cases an id that has an entry.
std::string DrawId(const Reference& now, int times);
// `before` are the earlier ones of the same batch.
ledger::Transaction DrawTransaction(const Reference& now,
                                    const std::vector<ledger::Transaction>& before);

std::string TextOf(const ledger::Transaction& transaction);

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_DRAW_H_
