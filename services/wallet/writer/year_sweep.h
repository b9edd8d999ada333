// Closes the years of persons for whom nothing is written after the turn of the year (R13).
#ifndef GONGJI_SERVICES_WALLET_WRITER_YEAR_SWEEP_H_
#define GONGJI_SERVICES_WALLET_WRITER_YEAR_SWEEP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/writer/writer.h"

namespace gongji::wallet {

// All on the executor thread; the constructor's references must outlive it.
class YearSweep {
 public:
  YearSweep(Env& env, WalletStore& store, Writer& writer, const WriterSizes& sizes,
            Metrics& metrics);

  // Checks now and from time to time whether a year has ended, and goes through all persons then.
  // It never returns; spawn it.
  Task<void> Run();

  // Goes through all persons once: afterwards no year before the present one is open, unless rows
  // are damaged. It closes a few years at a time, so that other writes come between them.
  Task<absl::Status> Sweep();

 private:
  Task<absl::Status> SweepBefore(int year);

  Env& env_;
  WalletStore& store_;
  Writer& writer_;
  const WriterSizes sizes_;
  Gauge& swept_year_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_YEAR_SWEEP_H_
