// Random transactions for a shard with three persons and two relations: steps of the design's
// tables, as they are, with conditions that may not hold, and malformed. To be called inside
// rc::gen::exec: every draw can be made smaller.
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
// True once in `times`.
bool Chance(int times);

std::string DrawPerson();
std::string DrawAccount();
// A new id, or once in `times` one that has an entry.
std::string DrawId(const Reference& now, int times);
// `before`: those of the same batch.
ledger::Transaction DrawTransaction(const Reference& now,
                                    const std::vector<ledger::Transaction>& before);

std::string TextOf(const ledger::Transaction& transaction);

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_DRAW_H_
