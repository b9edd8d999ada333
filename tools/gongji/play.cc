// For each line of the file: move the clocks if the line has a time, do its action (Observe),
// compare the facts of the answer with those that are expected, and print the line with its result.
// At the end the balances of the file's persons are printed beside those from before the first
// transfer or bill.
#include "tools/gongji/play.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gongji/common/v1/development.pb.h"
#include "services/common/business_day.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/time_wire.h"
#include "tools/gongji/table.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

// How long an "eventually" may take; completions take seconds.
constexpr absl::Duration kEventually = absl::Seconds(20);
// The same while machines fail.
constexpr absl::Duration kPatience = absl::Minutes(10);

// If a clock is this far past the first line, the cluster is that of another day.
constexpr absl::Duration kLateBy = absl::Hours(1);

constexpr Text kExpectations = {"expectations", "项预期"};
constexpr Text kFailedCount = {"failed", "项不符"};
constexpr Text kFailed = {"FAILED", "不符"};
constexpr Text kIs = {"is", "为"};
constexpr Text kExpected = {"expected", "预期"};
constexpr Text kNothing = {"nothing", "无"};
constexpr Text kRefusedText = {"refused", "被拒绝"};
constexpr Text kLate = {
    "the cluster's clock had passed the begin of this file; tools/run starts one for each file, "
    "or:",
    "集群时钟已晚于本文件的起始时间；tools/run 会为每个文件启动集群，也可用："};
constexpr Text kPerson = {"person", "人员"};
constexpr Text kColumnNames[] = {
    {"current", "当年"}, {"prior", "历年"}, {"granted", "已转出额度"}, {"lot", "可用额度"}};

// The line's number for people: the part after the last colon of "examples/x.jsonl:12".
std::string NumberOf(const Line& line) { return line.where().substr(line.where().rfind(':') + 1); }

// The facts of a refusal that may be expected by name: its reason and each variable part.
std::map<std::string, std::string> FactsOf(const Refusal& refusal) {
  std::map<std::string, std::string> facts = {{"reason", refusal.reason}};
  for (const auto& [name, value] : refusal.metadata) {
    facts[NameWithoutUnit(name)] = ValueWithUnit(name, value);
  }
  return facts;
}

std::string FactOf(const std::map<std::string, std::string>& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? "" : found->second;
}

bool Holds(const std::map<std::string, std::string>& expected,
           const std::map<std::string, std::string>& facts) {
  return std::all_of(expected.begin(), expected.end(),
                     [&](const auto& fact) { return FactOf(facts, fact.first) == fact.second; });
}

absl::StatusOr<std::map<std::string, std::string>> FactsFrom(Line part) {
  std::map<std::string, std::string> facts;
  for (const std::string& name : part.Names()) facts[name] = part.Text(name);
  RETURN_IF_ERROR(part.Checked());
  return facts;
}

}  // namespace

Player::Player(Client& client, std::string path, PlayOptions options)
    : client_(client),
      options_(options),
      language_(options.language),
      path_(std::move(path)),
      stem_(std::filesystem::path(path_).stem()),
      actions_(client, options.language) {}

Task<absl::StatusOr<int>> Player::Play() {
  ASSIGN_OR_CO_RETURN(auto lines, ReadLines(path_));
  std::fprintf(options_.out, "%s\n", path_.c_str());
  for (auto& [number, line] : lines) {
    CO_RETURN_IF_ERROR(co_await PlayLine(number, std::move(line)));
  }
  CO_RETURN_IF_ERROR(co_await PrintBalances());
  std::fprintf(options_.out, "%s: %d %s, %d %s\n\n", path_.c_str(), checked_,
               kExpectations.In(language_), failed_, kFailedCount.In(language_));
  if (failed_ > 0 && late_.has_value()) {
    std::fprintf(options_.out, "%s tools/up --business_time=%s\n\n", kLate.In(language_),
                 gongji::FormatTime(*late_).c_str());
  }
  co_return failed_ > 0 ? kRefused : kDone;
}

Task<absl::Status> Player::PlayLine(int number, Line line) {
  if (const auto at = line.Time("at")) CO_RETURN_IF_ERROR(co_await MoveClock(*at));
  const std::string action = line.Text("do");
  const std::string note = line.TextOr("note", "");
  if (action == "note") {
    std::fprintf(options_.out, "\n%s\n", note.c_str());
    co_return line.Checked();
  }
  const std::string name = line.TextOr("as", "");
  const std::string id = absl::StrCat(stem_, "-", line.TextOr("request_id", absl::StrCat(number)));
  std::optional<Expectation> expectation;
  for (const char* form : {"expect", "eventually"}) {
    if (!line.Has(form)) continue;
    ASSIGN_OR_CO_RETURN(auto facts, FactsFrom(line.Part(form)));
    for (auto& [fact, expected] : facts) expected = actions_.IdOf(expected);
    expectation = {std::move(facts), form == std::string("eventually")};
  }
  if (action == "person") Meet(line);
  static const std::set<std::string> kMovesMoney = {"transfer", "settle"};
  if (kMovesMoney.contains(action) && before_.empty()) {
    CO_RETURN_IF_ERROR(co_await PrintBalances());
  }
  ASSIGN_OR_CO_RETURN(const Outcome outcome, co_await Observe(action, id, line, expectation));
  if (!name.empty()) actions_.Remember(name, outcome.id);
  if (Actions::Reads(action) && replayed_ && !options_.fresh) co_return absl::OkStatus();
  Check(line, expectation, outcome);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Player::Outcome>> Player::Observe(std::string action, std::string id, Line line,
                                                      std::optional<Expectation> expectation) {
  const bool reads = Actions::Reads(action);
  const absl::Duration end =
      client_.env().Monotonic() + (options_.patient ? kPatience : kEventually);
  while (true) {
    Outcome outcome;
    auto answer = co_await actions_.Do(action, id, line);
    if (answer.ok()) {
      if (!reads) replayed_ = answer->replayed;
      outcome = {std::move(answer->facts), std::move(answer->text), answer->id};
    } else {
      // A refusal is an answer that may be expected; anything else ends the play.
      const bool refused =
          !ReasonOf(answer.status()).empty() && ExitCodeOf(answer.status()) != kUndecided;
      if (!refused && options_.patient) {
        co_await Sleep(client_.env(), kPause);
        continue;
      }
      if (!refused) co_return answer.status();
      const Refusal refusal = RefusalOf(answer.status(), language_);
      outcome = {FactsOf(refusal),
                 absl::StrCat(kRefusedText.In(language_), "  ", LineOf(refusal, language_)), ""};
    }
    const bool wait = expectation.has_value() && reads && (options_.fresh || !replayed_) &&
                      (options_.patient || expectation->eventually) &&
                      !Holds(expectation->facts, outcome.facts) && client_.env().Monotonic() < end;
    if (!wait) co_return outcome;
    co_await Sleep(client_.env(), kPause);
  }
}

void Player::Check(const Line& line, const std::optional<Expectation>& expectation,
                   const Outcome& outcome) {
  const bool refused = outcome.facts.contains("reason");
  Line copy = line;
  const std::string note = copy.TextOr("note", "");
  const auto fail = [&](const std::string& what) {
    ++failed_;
    std::fprintf(options_.out, "  %s %s: %s\n", kFailed.In(language_), line.where().c_str(),
                 what.c_str());
  };
  if (expectation.has_value() || refused || !note.empty()) {
    const std::string subject = SubjectOf(line);
    const std::string heading = absl::StrJoin({note.empty() ? copy.Text("do") : note, subject},
                                              subject.empty() ? "" : ": ");
    std::fprintf(options_.out, "%s\n",
                 Indented(absl::StrCat(NumberOf(line), " ", heading, "\n", outcome.text)).c_str());
  }
  if (expectation.has_value()) {
    for (const auto& [name, expected] : expectation->facts) {
      ++checked_;
      const std::string got = FactOf(outcome.facts, name);
      if (got == expected) continue;
      fail(absl::StrCat(name, " ", kIs.In(language_), " ",
                        got.empty() ? kNothing.In(language_) : got, ", ", kExpected.In(language_),
                        " ", expected));
    }
  }
  if (refused && !(expectation.has_value() && expectation->facts.contains("reason"))) {
    fail(kRefusedText.In(language_));
  }
}

Task<absl::Status> Player::MoveClock(absl::Time to) {
  // Clocks of processes differ by milliseconds, and lines follow each other as fast. So after the
  // first pass all clocks are put a little ahead of the latest one, relation's last: then no
  // relation is dated after the transfer or bill of a later line. If a clock had passed that time
  // already, because a process was slow to answer or was just started, there is another pass,
  // further ahead.
  constexpr absl::Duration kClose = absl::Milliseconds(1);
  constexpr int kPasses = 10;
  std::vector<rpc::Channel*> channels = client_.All();
  std::reverse(channels.begin(), channels.end());
  absl::Time latest = to;
  absl::Duration ahead = absl::ZeroDuration();
  for (int pass = 0; pass < kPasses; ++pass) {
    const absl::Time target = latest + ahead;
    common::v1::SetBusinessTimeRequest request;
    *request.mutable_business_time() = rpc::ToMessage(target);
    for (rpc::Channel* channel : channels) {
      ASSIGN_OR_CO_RETURN(const auto moved,
                          co_await client_.Insist<common::v1::SetBusinessTimeResponse>(
                              *channel, "common.v1.DevelopmentService/SetBusinessTime", request));
      latest = std::max(latest, rpc::FromMessage(moved.business_time()));
    }
    if (pass == 0 && !begun_ && latest > to + kLateBy) late_ = to;
    begun_ = true;
    if (pass > 0 && latest < target + kClose) break;
    ahead = std::max(2 * ahead, absl::Milliseconds(20));
  }
  co_return absl::OkStatus();
}

void Player::Meet(Line line) {
  const std::string psn_no = line.TextOr("psn_no", "");
  if (!names_.contains(psn_no)) persons_.push_back(psn_no);
  names_[psn_no] = line.TextOr("psn_name", "");
}

std::string Player::SubjectOf(Line line) const {
  std::vector<std::string> words;
  for (const char* field : {"psn_no", "giver", "organiser", "receiver", "member"}) {
    const auto found = names_.find(line.TextOr(field, ""));
    if (found != names_.end()) words.push_back(found->second);
  }
  std::string subject = absl::StrJoin(words, " -> ");
  for (const char* field : {"amount", "psn_part_amt"}) {
    const std::string amount = line.TextOr(field, "");
    if (!amount.empty()) absl::StrAppend(&subject, " ", amount);
  }
  return subject;
}

// The first call stores the balances, the second one prints them beside the new ones.
Task<absl::Status> Player::PrintBalances() {
  std::map<std::string, std::map<std::string, std::string>> now;
  for (const std::string& psn_no : persons_) {
    const auto balances = co_await actions_.BalancesOf(psn_no);
    // An area without a shard keeps no accounts.
    if (!balances.ok() && ExitCodeOf(balances.status()) != kRefused) co_return balances.status();
    if (balances.ok()) now[psn_no] = AnswerOf(*balances, language_).facts;
  }
  if (before_.empty()) {
    before_ = std::move(now);
    co_return absl::OkStatus();
  }
  std::vector<std::string> header = {kPerson.In(language_)};
  for (const Text& name : kColumnNames) header.emplace_back(name.In(language_));
  Table table(std::move(header));
  for (const std::string& psn_no : persons_) {
    std::vector<std::string> cells = {absl::StrCat(names_[psn_no], " ", psn_no)};
    for (const char* column : kColumns) {
      const std::string before = FactOf(before_[psn_no], column);
      const std::string after = FactOf(now[psn_no], column);
      cells.push_back(before == after ? after
                                      : absl::StrCat(before.empty() ? "0.00" : before, " -> ",
                                                     after.empty() ? "0.00" : after));
    }
    table.Add(std::move(cells));
  }
  std::fprintf(options_.out, "%s", table.Text().c_str());
  co_return absl::OkStatus();
}

}  // namespace gongji::cli
