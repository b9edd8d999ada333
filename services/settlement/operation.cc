#include "services/settlement/operation.h"

#include <utility>

#include "services/ledger/transaction_fields.h"

namespace gongji::settlement {

template <class Archive>
void Fields(Archive& archive, PlannedPart& part) {
  archive(part.source, part.payer_psn_no, part.account, part.relation_id, part.giver_area);
}

template <class Archive>
void Fields(Archive& archive, RefusedPayer& payer) {
  archive(payer.psn_no, payer.reasons);
}

template <class Archive>
void Fields(Archive& archive, SettlePlan& plan) {
  archive(plan.patient_area, plan.care_area, plan.institution_code, plan.patient_psn_no,
          plan.psn_part_fen, plan.taken_before_fen, plan.mulaid_inside_acct_pay, plan.pivot,
          plan.parts, plan.refused, plan.policies);
}

template <class Archive>
void Fields(Archive& archive, TransferPlan& plan) {
  archive(plan.giver_psn_no, plan.receiver_psn_no, plan.giver_area, plan.receiver_area,
          plan.relation_id, plan.relation_version, plan.amount_fen, plan.next_opening, plan.freeze,
          plan.pivot, plan.policies);
}

template <class Archive>
void Fields(Archive& archive, EndPlan& plan) {
  archive(plan.giver_psn_no, plan.receiver_psn_no, plan.giver_area, plan.receiver_area,
          plan.relation_id, plan.relation_ended, plan.pivot);
}

template <class Archive>
void Fields(Archive& archive, Drawn& drawn) {
  archive(drawn.settlement_id, drawn.version, drawn.undecided_id, drawn.last_id, drawn.parts_fen,
          drawn.cash_fen);
}

template <class Archive>
void Fields(Archive& archive, ReturnedPart& part) {
  archive(part.planned, part.part, part.amount_fen, part.before_fen);
}

template <class Archive>
void Fields(Archive& archive, RefundPlan& plan) {
  archive(plan.settlement_id, plan.patient_area, plan.care_area, plan.institution_code, plan.parts,
          plan.cash_fen, plan.pivot, plan.before);
}

template <class Archive>
void Fields(Archive& archive, Operation& operation) {
  archive(operation.id, operation.caller, operation.request_id, operation.fingerprint,
          operation.state, operation.attempt, operation.decide_by, operation.at,
          operation.business_day, operation.freeze_moves, operation.pivot_moves, operation.pivot_at,
          operation.journal_number, operation.completion_moves, operation.refusal,
          operation.version);
}

namespace {

// Reads the alternative of a Plan that has this index.
template <size_t... kIndex>
bool ReadAlternative(ArchiveReader& archive, size_t index, Plan& plan,
                     std::index_sequence<kIndex...> /*all*/) {
  const auto read = [&archive, &plan]<size_t kAt>(std::integral_constant<size_t, kAt>) {
    if constexpr (kAt == 0) {
      plan.emplace<0>();
    } else {
      archive(plan.emplace<kAt>());
    }
    return true;
  };
  return ((index == kIndex && read(std::integral_constant<size_t, kIndex>())) || ...);
}

}  // namespace

const ledger::MoveResult& TakenBy(const Operation& operation, size_t part) {
  return operation.pivot_moves.at(part);
}

std::string EncodePlan(const Plan& plan) {
  ArchiveWriter archive;
  archive(plan.index());
  std::visit(
      [&archive]<class T>(const T& one) {
        if constexpr (!std::is_same_v<T, std::monostate>) archive(one);
      },
      plan);
  return std::move(archive).Finish();
}

bool DecodePlan(const std::string& bytes, Plan& plan) {
  ArchiveReader archive(bytes);
  size_t index = 0;
  archive(index);
  return ReadAlternative(archive, index, plan,
                         std::make_index_sequence<std::variant_size_v<Plan>>()) &&
         archive.intact();
}

std::string EncodeOperation(const Operation& operation) { return ToBytes(operation); }

bool DecodeOperation(const std::string& bytes, Operation& operation) {
  return FromBytes(bytes, operation);
}

std::string EncodeDrawn(const Drawn& drawn) { return ToBytes(drawn); }

std::string EncodeStep(const ledger::Transaction& step) { return ToBytes(step); }

bool DecodeStep(const std::string& bytes, ledger::Transaction& step) {
  return FromBytes(bytes, step);
}

bool DecodeDrawn(const std::string& bytes, Drawn& drawn) { return FromBytes(bytes, drawn); }

}  // namespace gongji::settlement
