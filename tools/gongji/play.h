// gongji play: sends an example to a running cluster and checks every expected amount and reason.
#ifndef GONGJI_TOOLS_GONGJI_PLAY_H_
#define GONGJI_TOOLS_GONGJI_PLAY_H_

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/language.h"
#include "services/common/task.h"
#include "tools/gongji/actions.h"
#include "tools/gongji/client.h"
#include "tools/gongji/line.h"
#include "tools/gongji/refusal.h"

namespace gongji::cli {

// Request ids follow from file name and line number, so that playing again repeats the same
// requests. A line that was answered before is checked as it was the first time, but then lines
// that only read the present state (quote, balance, explain) are not checked.
struct PlayOptions {
  Language language = Language::kEnglish;
  // The example was never played on this cluster. So if an answer is marked as replayed, only its
  // first copy was lost, and lines that read the present state are checked all the same.
  bool fresh = false;
  // Repeats a call without an answer for ever, and a read until the state is as expected, because
  // completions take time while machines fail.
  bool patient = false;
  std::FILE* out = stdout;
};

class Player {
 public:
  Player(Client& client, std::string path, PlayOptions options);

  // Returns kDone if every line went as expected, kRefused if one did not; results are printed to
  // `out`. Returns an error for a line that cannot be sent, or if a service gave no deciding
  // answer.
  Task<absl::StatusOr<int>> Play();

 private:
  // The result that a line must have, from its "expect" or "eventually".
  struct Expectation {
    std::map<std::string, std::string> facts;
    bool eventually = false;  // ask again until it holds or kEventually has passed
  };
  // The result of a line: facts and text of an answer or of a refusal.
  struct Outcome {
    std::map<std::string, std::string> facts;
    std::string text;
    std::string id;
  };

  Task<absl::Status> PlayLine(int number, Line line);
  Task<absl::Status> MoveClock(absl::Time to);
  // Does the line's action, once or until the expectation holds.
  Task<absl::StatusOr<Outcome>> Observe(std::string action, std::string id, Line line,
                                        std::optional<Expectation> expectation);
  void Check(const Line& line, const std::optional<Expectation>& expectation,
             const Outcome& outcome);
  Task<absl::Status> PrintBalances();

  // Notes the person that a line registers.
  void Meet(Line line);
  // Persons and amount of a line, with the names that the file uses.
  std::string SubjectOf(Line line) const;

  Client& client_;
  const PlayOptions options_;
  const Language language_;
  const std::string path_;
  const std::string stem_;
  Actions actions_;
  bool replayed_ = false;                     // the last write had been answered before
  std::map<std::string, std::string> names_;  // psn_no -> name
  std::vector<std::string> persons_;          // in order of the file
  std::map<std::string, std::map<std::string, std::string>> before_;
  std::optional<absl::Time> late_;  // beginning of the file, if the cluster's clock is past it
  bool begun_ = false;              // the clocks were set once
  int checked_ = 0;
  int failed_ = 0;
};

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_PLAY_H_
