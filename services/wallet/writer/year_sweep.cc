#include "services/wallet/writer/year_sweep.h"

#include <utility>
#include <variant>
#include <vector>

#include "services/common/errors/status.h"
#include "services/common/log.h"

namespace gongji::wallet {
namespace {

// How often to check whether a year has ended; transactions do not wait for the sweep.
constexpr absl::Duration kPause = absl::Seconds(10);

}  // namespace

YearSweep::YearSweep(Env& env, WalletStore& store, Writer& writer, const WriterSizes& sizes,
                     Metrics& metrics)
    : env_(env),
      store_(store),
      writer_(writer),
      sizes_(sizes),
      swept_year_(metrics.gauge("gongji_wallet_swept_year",
                                "Account year before which this process left no year open", {})) {}

Task<void> YearSweep::Run() {
  int swept = 0;
  while (true) {
    const absl::StatusOr<int> year = co_await writer_.AccountYear();
    if (year.ok() && *year > swept) {
      const absl::Status status = co_await SweepBefore(*year);
      if (status.ok()) {
        swept = *year;
        swept_year_.Set(*year);
      } else {
        Log(LogLevel::kWarning, "years stay open", {{"status", status.ToString()}});
      }
    }
    co_await Sleep(env_, kPause);
  }
}

Task<absl::Status> YearSweep::Sweep() {
  ASSIGN_OR_CO_RETURN(const int year, co_await writer_.AccountYear());
  co_return co_await SweepBefore(year);
}

Task<absl::Status> YearSweep::SweepBefore(int year) {
  // Afterwards the tables have all persons known until now; persons who come later have no earlier
  // year.
  CO_RETURN_IF_ERROR(co_await writer_.SaveAll());
  std::string after;
  while (true) {
    ASSIGN_OR_CO_RETURN(const TablePage page,
                        co_await store_.Stored(Table::kPersons, after, sizes_.sweep_page));
    if (page.rows.empty()) co_return absl::OkStatus();
    std::vector<std::string> due;
    for (size_t i = 0; i < page.rows.size(); ++i) {
      const TableRow& row = page.rows[i];
      if (row.whole && IsDue(std::get<ledger::Person>(row.value), year)) due.push_back(row.key);
      const bool last = i + 1 == page.rows.size();
      if (std::ssize(due) < sizes_.sweep_batch && !(last && !due.empty())) continue;
      CO_RETURN_IF_ERROR(co_await writer_.CloseYears(std::exchange(due, {})));
    }
    after = page.rows.back().key;
  }
}

}  // namespace gongji::wallet
