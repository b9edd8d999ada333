// Each class is one kind of step for RapidCheck's state machine: it draws its input from the
// reference's state, changes the reference alone in apply, and runs shard and reference in run.
// NextStep draws the kinds by weight.
#include "tests/model/steps.h"

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/ledger/transaction_form.h"
#include "tests/model/draw.h"
#include "tests/model/reference.h"
#include "tests/model/shard.h"

namespace gongji::model {

using ledger::Transaction;

namespace {

// The most steps in one sequence.
constexpr int kLongest = 50;

class Step : public rc::state::Command<Reference, Shard> {
 public:
  void show(std::ostream& out) const override { out << Text(); }

 protected:
  virtual std::string Text() const = 0;
};

class ApplyStep final : public Step {
 public:
  explicit ApplyStep(const Reference& now) : dry_first_(Chance(4)) {
    for (int left = Draw({1, 1, 1, 2, 4}); left > 0; --left) {
      transactions_.push_back(DrawTransaction(now, transactions_));
    }
  }
  void apply(Reference& now) const override {
    for (const Transaction& transaction : transactions_) {
      if (!now.Knows(transaction.id) && !ledger::CheckForm(transaction).ok()) continue;
      now.Apply(transaction).IgnoreError();
    }
  }
  void run(const Reference& /*now*/, Shard& shard) const override {
    if (dry_first_) shard.DryRun(transactions_);
    shard.Apply(transactions_);
  }

 protected:
  std::string Text() const override {
    std::string text = dry_first_ ? "dry run, then apply" : "apply";
    for (const Transaction& transaction : transactions_) {
      absl::StrAppend(&text, "\n  ", TextOf(transaction));
    }
    return text;
  }

 private:
  bool dry_first_;
  std::vector<Transaction> transactions_;
};

class DecideStep final : public Step {
 public:
  explicit DecideStep(const Reference& now) {
    for (int left = Draw({1, 1, 3}); left > 0; --left) ids_.push_back(DrawId(now, 3));
  }
  void apply(Reference& now) const override {
    for (const std::string& id : ids_) now.Decide(id).IgnoreError();
  }
  void run(const Reference& /*now*/, Shard& shard) const override { shard.Decide(ids_); }

 protected:
  std::string Text() const override {
    std::string text = "decide";
    for (const std::string& id : ids_) absl::StrAppend(&text, " ", id);
    return text;
  }

 private:
  std::vector<std::string> ids_;
};

// Lets time pass or sets the business clock; a few of the days are around the end of a year.
class TimeStep final : public Step {
 public:
  explicit TimeStep(const Reference& /*now*/)
      : jump_(Chance(2)),
        by_(jump_ ? absl::Minutes(Draw({-600, 60, 1440, 2880, 525'600}))
                  : absl::Seconds(Draw({1, 5, 3600, 86'400}))) {}
  void apply(Reference& now) const override {
    now.business += by_;
    if (!jump_) now.wall += by_;
  }
  void run(const Reference& /*now*/, Shard& shard) const override {
    jump_ ? shard.JumpBusinessTime(by_) : shard.Advance(by_);
  }

 protected:
  std::string Text() const override {
    return absl::StrCat(jump_ ? "business time jumps " : "time passes: ",
                        absl::FormatDuration(by_));
  }

 private:
  bool jump_;
  absl::Duration by_;
};

class SweepStep final : public Step {
 public:
  explicit SweepStep(const Reference& /*now*/) {}
  void apply(Reference& now) const override { now.CloseYears({"a", "b", "c"}); }
  void run(const Reference& /*now*/, Shard& shard) const override { shard.SweepYears(); }

 protected:
  std::string Text() const override { return "sweep years"; }
};

class ReadStep final : public Step {
 public:
  explicit ReadStep(const Reference& /*now*/)
      : psn_no_(DrawPerson()),
        account_(DrawAccount()),
        page_(Draw({1, 2, 5, 100})),
        fen_(Draw({1, 299, 500, 501, 800})) {}
  void run(const Reference& /*now*/, Shard& shard) const override {
    shard.ReadPersons();
    shard.ReadAccounts(page_);
    shard.ReadStatement(account_, page_);
    shard.ReadPlaces(psn_no_, kPlaceDay);
    shard.ReadHasAtLeast(psn_no_, fen_);
  }

 protected:
  std::string Text() const override {
    return absl::StrCat("read ", psn_no_, ", ", account_, ", page ", page_, ", ", fen_);
  }

 private:
  std::string psn_no_;
  std::string account_;
  int page_;
  int fen_;
};

class RestartStep final : public Step {
 public:
  explicit RestartStep(const Reference& /*now*/) : how_(Draw({-1, 0, 1, 2, 3, 4})) {}
  void run(const Reference& /*now*/, Shard& shard) const override {
    how_ < 0 ? shard.HandOver() : shard.Crash(static_cast<uint64_t>(how_));
  }

 protected:
  std::string Text() const override {
    if (how_ < 0) return "hand over";
    return how_ == 0 ? "crash" : absl::StrCat("power cut ", how_);
  }

 private:
  int how_;  // -1: hand over; otherwise the seed of Crash
};

using AnyStep = std::shared_ptr<const rc::state::Command<Reference, Shard>>;

template <class S>
rc::Gen<AnyStep> Make(std::shared_ptr<const Reference> now) {
  return rc::gen::exec([now = std::move(now)]() -> AnyStep { return std::make_shared<S>(*now); });
}

rc::Gen<AnyStep> NextStep(const Reference& state) {
  // The step keeps the state, because it may be shrunk long after the state has changed.
  const auto now = std::make_shared<const Reference>(state);
  return rc::gen::weightedOneOf<AnyStep>({{14, Make<ApplyStep>(now)},
                                          {2, Make<DecideStep>(now)},
                                          {2, Make<TimeStep>(now)},
                                          {1, Make<SweepStep>(now)},
                                          {2, Make<ReadStep>(now)},
                                          {1, Make<RestartStep>(now)}});
}

}  // namespace

bool Check(const std::string& name, const NewMedium& new_medium, int sequences, uint64_t seed) {
  // RC_PARAMS takes precedence.
  rc::detail::TestParams params{
      .seed = seed, .maxSuccess = sequences, .maxSize = kLongest, .maxDiscardRatio = 10};
  if (std::getenv("RC_PARAMS") != nullptr) params = rc::detail::configuration().testParams;
  const auto property = [&new_medium] {
    Shard shard(new_medium);
    rc::state::check(Beginning(), shard, NextStep);
    shard.CheckEverything();
  };
  const auto result =
      rc::detail::checkTestable(property, rc::detail::TestMetadata{name, name}, params);
  rc::detail::printResultMessage(result, std::cerr);
  std::cerr << "\n";
  if (result.is<rc::detail::SuccessResult>()) return true;
  std::cerr << "again with RC_PARAMS=\"seed=" << params.seed << " max_success=" << params.maxSuccess
            << " max_size=" << params.maxSize << "\"\n";
  return false;
}

}  // namespace gongji::model
