// gongji play: sends an example to a running cluster and checks every expected amount and reason.
#ifndef GONGJI_TOOLS_GONGJI_PLAY_H_
#define GONGJI_TOOLS_GONGJI_PLAY_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/common/task.h"
#include "tools/gongji/client.h"
#include "tools/gongji/line.h"

namespace gongji::cli {

// Request ids follow from file name and line number, so that playing again repeats the same
// requests. A line that was answered before is checked like the first time; what only reads the
// present state (quote, balance) is then printed but not held against its expectation.
class Player {
 public:
  Player(Client& client, std::string path);

  // OK if every line went as expected; the table goes to standard output.
  Task<absl::Status> Play();

 private:
  Task<absl::Status> PlayLine(int number, Line line);
  Task<absl::Status> MoveClock(absl::Time to);

  Task<absl::Status> Note(std::string id, Line line);
  Task<absl::Status> Person(std::string id, Line line);
  Task<absl::Status> Fact(std::string id, Line line);
  Task<absl::Status> Found(std::string id, Line line);
  Task<absl::Status> Bind(std::string id, Line line);
  Task<absl::Status> Contribute(std::string id, Line line);
  Task<absl::Status> OpenWallet(std::string id, Line line);
  Task<absl::Status> Transfer(std::string id, Line line);
  Task<absl::Status> Settle(std::string id, Line line);
  Task<absl::Status> Quote(std::string id, Line line);
  Task<absl::Status> Balance(std::string id, Line line);

  // Calls until there is an answer that stands, a few times with the same id.
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Insist(rpc::Channel& channel, std::string method, Request request);
  // Balances by account name without the person: "current", "prior", "granted", "lot".
  Task<absl::StatusOr<std::map<std::string, int64_t>>> BalancesOf(std::string psn_no);
  Task<absl::Status> PrintBalances();
  // The line's "expect" against what is there: OK, or every difference.
  absl::Status Compare(Line& line, const std::map<std::string, std::string>& actual,
                       const std::string& text);

  Client& client_;
  const std::string path_;
  std::string stem_;
  bool replayed_ = false;                        // the last write was answered before
  std::map<std::string, std::string> networks_;  // name in the file -> id
  std::map<std::string, std::string> areas_;     // psn_no -> insured area
  std::map<std::string, std::string> names_;     // psn_no -> name
  std::vector<std::string> persons_;             // in order of the file
  std::map<std::string, std::map<std::string, int64_t>> before_;
  int checked_ = 0;
  int failed_ = 0;
};

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_PLAY_H_
