// Stored forms: what a store of an older version contains is read by every later one. A member that
// is appended to a type changes the length and the end of its bytes, and nothing else.
#include "services/settlement/operation.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "services/common/errors/reasons.h"

namespace gongji::settlement {
namespace {

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

const PlannedPart kPart{Source::kQuota, "p", "a", "r", "g"};

TEST(StoredForms, PlansStayTheSameForEver_P10) {
  EXPECT_EQ(Hex(EncodePlan(Plan())), "00");
  EXPECT_EQ(Hex(EncodePlan(SettlePlan{.patient_area = "1",
                                      .care_area = "2",
                                      .institution_code = "3",
                                      .patient_psn_no = "4",
                                      .psn_part_fen = 5,
                                      .taken_before_fen = 6,
                                      .mulaid_inside_acct_pay = true,
                                      .pivot = {.id = "i"},
                                      .parts = {kPart},
                                      .refused = {{"s", {}}},
                                      .policies = {"x"}})),
            "026a02310232023302340a0c022c02690400feffffffffffffffff01000000000000000002120402"
            "700261027202670206027300020278");
  EXPECT_EQ(Hex(EncodePlan(TransferPlan{.giver_psn_no = "1",
                                        .receiver_psn_no = "2",
                                        .giver_area = "3",
                                        .receiver_area = "4",
                                        .relation_id = "5",
                                        .relation_version = 6,
                                        .amount_fen = 7,
                                        .next_opening = absl::FromUnixMillis(8),
                                        .freeze = {.id = "f"},
                                        .pivot = {.id = "i"},
                                        .policies = {"x"}})),
            "047c023102320233023402350c0e102c02660400feffffffffffffffff0100000000000000002c02"
            "690400feffffffffffffffff010000000000000000020278");
  EXPECT_EQ(Hex(EncodePlan(EndPlan{.giver_psn_no = "1",
                                   .receiver_psn_no = "2",
                                   .giver_area = "3",
                                   .receiver_area = "4",
                                   .relation_id = "5",
                                   .relation_ended = true,
                                   .pivot = {.id = "i"}})),
            "064402310232023302340235022c02690400feffffffffffffffff010000000000000000");
  EXPECT_EQ(Hex(EncodePlan(RefundPlan{.settlement_id = "1",
                                      .patient_area = "2",
                                      .care_area = "3",
                                      .institution_code = "4",
                                      .parts = {{kPart, 5, 6, 7}},
                                      .cash_fen = 8,
                                      .pivot = {.id = "i"},
                                      .before = {"s", 1, "u", "l", {2, 3}, 4}})),
            "08760231023202330234021a120402700261027202670a0c0e102c02690400feffffffffffffffff"
            "010000000000000000160273020275026c04040608");
}

TEST(StoredForms, OperationsStayTheSameForEver_P10) {
  Operation operation{.id = "1",
                      .caller = "2",
                      .request_id = "3",
                      .fingerprint = "4",
                      .state = State::kRefused,
                      .attempt = 6,
                      .decide_by = absl::FromUnixMillis(7),
                      .at = absl::FromUnixMillis(8),
                      .business_day = BusinessDay(2026, 3, 9),
                      .freeze_moves = {{.tag = "f"}},
                      .pivot_moves = {{.tag = "p"}},
                      .pivot_at = absl::FromUnixMillis(10),
                      .journal_number = 11,
                      .completion_moves = {{{.tag = "c"}}},
                      .version = 12};
  EXPECT_EQ(Hex(EncodeOperation(operation)),
            "7e02310232023302340a0c0e1014323032362d30332d30390210026600000e000000021002700000"
            "0e0000001416020210026300000e00000000000002000018");
  operation.refusal = Refuse(reason::kAccountBlocked, {{"status", "sealed"}});
  Operation read;
  ASSERT_TRUE(DecodeOperation(EncodeOperation(operation), read));
  EXPECT_EQ(read.refusal, operation.refusal);
  EXPECT_EQ(read.version, 12);
  EXPECT_EQ(Hex(EncodeDrawn({"s", 1, "u", "l", {2, 3}, 4})), "160273020275026c04040608");
  EXPECT_EQ(Hex(EncodeStep({.id = "i", .holder = "h"})),
            "2e0269040268feffffffffffffffff010000000000000000");
}

TEST(StoredForms, DamageIsNoticed_P14) {
  const std::string plan = EncodePlan(EndPlan{.relation_id = "r"});
  const std::string drawn = EncodeDrawn({.settlement_id = "s"});
  const std::string step = EncodeStep({.id = "i"});
  Plan read_plan;
  Drawn read_drawn;
  ledger::Transaction read_step;
  EXPECT_TRUE(DecodePlan(plan, read_plan));
  EXPECT_EQ(std::get<EndPlan>(read_plan).relation_id, "r");
  EXPECT_TRUE(DecodeDrawn(drawn, read_drawn));
  EXPECT_TRUE(DecodeStep(step, read_step));
  EXPECT_FALSE(DecodePlan("\x7f" + plan.substr(1), read_plan));
  EXPECT_FALSE(DecodePlan(plan.substr(0, plan.size() - 1), read_plan));
  EXPECT_FALSE(DecodeDrawn(drawn.substr(0, drawn.size() - 1), read_drawn));
  EXPECT_FALSE(DecodeStep(step.substr(0, step.size() - 1), read_step));
}

}  // namespace
}  // namespace gongji::settlement
