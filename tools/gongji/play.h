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
// requests. A line that was answered before is checked like the first time; what only reads the
// present state (quote, balance, explain) is then not looked at.
struct PlayOptions {
  Language language = Language::kEnglish;
  // Nobody played before on this cluster: an answer that is marked as replayed only lost its first
  // copy, and what reads the present state is looked at all the same.
  bool fresh = false;
  // What has no answer is asked again, for ever, and what reads the present state until it is as
  // expected: steps that follow by themselves take their time when machines fail.
  bool patient = false;
  std::FILE* out = stdout;
};

class Player {
 public:
  Player(Client& client, std::string path, PlayOptions options);

  // kDone if every line went as expected, kRefused if one did not; what was seen goes to standard
  // output. An error for a line that cannot be sent, or a service without an answer that stands.
  Task<absl::StatusOr<int>> Play();

 private:
  // What a line must bring, from its "expect" or "eventually".
  struct Expectation {
    std::map<std::string, std::string> facts;
    bool eventually = false;  // ask again until it holds or kEventually has passed
  };
  // What a line brought: facts and text of an answer or of a refusal.
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

  // Remembers the person that a line registers.
  void Meet(Line line);
  // Whom and how much a line is about, by the names of the file.
  std::string SubjectOf(Line line) const;

  Client& client_;
  const PlayOptions options_;
  const Language language_;
  const std::string path_;
  const std::string stem_;
  Actions actions_;
  bool replayed_ = false;                     // the last write was answered before
  std::map<std::string, std::string> names_;  // psn_no -> name
  std::vector<std::string> persons_;          // in order of the file
  std::map<std::string, std::map<std::string, std::string>> before_;
  std::optional<absl::Time> late_;  // begin of the file, if the cluster's clock is past it
  bool begun_ = false;              // the clocks were set once
  int checked_ = 0;
  int failed_ = 0;
};

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_PLAY_H_
