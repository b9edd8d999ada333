// A ShardReader reads journal, tables and journal again, page by page, into a Verifier; all shards
// are read first, and findings of single shards end the check. Then, if no shard was left out,
// Mirrors compares them; while it finds a difference, the readers read on, until it is gone or
// kInFlight has passed. Roots and Prove are single reads.
#include "tools/gongji/verify.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/wallet/journal_wire.h"
#include "services/wallet/wallet_wire.h"
#include "tools/gongji/line.h"

namespace gongji::cli {
namespace {

constexpr int kPage = 1000;
constexpr int kRootsPage = 16;
// Operations in flight end within this time (P20 says 30 s after the last fault).
constexpr absl::Duration kInFlight = absl::Seconds(30);
constexpr absl::Duration kVerifyPause = absl::Milliseconds(100);
constexpr size_t kDigestHex = 64;

// Reads one shard into a Verifier, in the order that the Verifier requires.
class ShardReader {
 public:
  ShardReader(Client& client, rpc::Channel& channel, std::string province, wallet::KeptRoots kept)
      : client_(client),
        channel_(channel),
        province_(std::move(province)),
        kept_(std::move(kept)) {}

  // Afterwards verifier() knows all of the shard.
  Task<absl::Status> Read() {
    wallet::v1::ListTableRowsRequest first;
    first.set_table(wallet::v1::ListTableRowsRequest::TABLE_ACCOUNTS);
    first.set_page_size(1);
    ASSIGN_OR_CO_RETURN(const auto page,
                        co_await Call<wallet::v1::ListTableRowsResponse>("ListTableRows", first));
    CO_RETURN_IF_ERROR(co_await ReadEntries(page.saved_number()));
    verifier_->BeginTables();
    for (const wallet::Table table : wallet::kTables) CO_RETURN_IF_ERROR(co_await ReadRows(table));
    // Also reads what came in meanwhile, so that all shards are seen at about the same time.
    co_return co_await ReadEntries(std::max(newest_in_tables_, last_number_));
  }
  // Reads the entries that came since.
  Task<absl::Status> ReadOn() {
    CO_RETURN_IF_ERROR(co_await ReadEntries(0));  // Adds none, but finds which is the last.
    co_return co_await ReadEntries(last_number_);
  }
  const wallet::Verifier& verifier() const { return *verifier_; }

 private:
  template <class Response>
  using Answer = Future<absl::StatusOr<Response>>;

  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Call(std::string method, Request request) {
    return client_.Call<Response>(channel_, "wallet.v1.WalletService/" + std::move(method),
                                  std::move(request));
  }
  // The call is sent at once, so that the shard reads a page while the previous one is processed.
  template <class Response, class Request>
  Answer<Response> Ask(std::string method, const Request& request) {
    const Promise<absl::StatusOr<Response>> answer(client_.env());
    constexpr auto kFill = [](Promise<absl::StatusOr<Response>> promise,
                              Task<absl::StatusOr<Response>> call) -> Task<void> {
      promise.Set(co_await std::move(call));
    };
    scope_.Spawn(kFill(answer, Call<Response>(std::move(method), request)));
    return answer.future();
  }
  Answer<wallet::v1::ListSealedEntriesResponse> AskEntries(int64_t next, int64_t last) {
    wallet::v1::ListSealedEntriesRequest request;
    request.set_after_number(next - 1);
    request.set_page_size(static_cast<int>(std::clamp<int64_t>(last - next + 1, 1, kPage)));
    return Ask<wallet::v1::ListSealedEntriesResponse>("ListSealedEntries", request);
  }

  // Adds the entries up to `last`; reads at least one page.
  Task<absl::Status> ReadEntries(int64_t last) {
    int64_t next = verifier_ ? verifier_->last_number() + 1 : 1;
    std::optional answer = AskEntries(next, last);
    while (true) {
      ASSIGN_OR_CO_RETURN(auto page, co_await *std::exchange(answer, std::nullopt));
      last_number_ = page.last_number();
      CO_RETURN_IF_ERROR(Begin(page.hash()));
      if (next > last) co_return absl::OkStatus();
      // A gap at the end has no entry after it that would show it.
      if (page.entries().empty()) {
        co_return BadInput("verify", absl::StrCat("entry ", next, " is missing"),
                           absl::StrCat("缺少日志条目 ", next));
      }
      next = page.entries(page.entries_size() - 1).number() + 1;
      if (next <= last) answer = AskEntries(next, last);
      for (wallet::v1::SealedEntry& entry : *page.mutable_entries()) {
        if (entry.number() <= last) verifier_->AddEntry(wallet::FromMessage(std::move(entry)));
      }
      if (next > last) co_return absl::OkStatus();
    }
  }

  absl::Status Begin(wallet::v1::JournalHash hash) {
    if (verifier_.has_value()) return absl::OkStatus();
    const auto kind = wallet::FromMessage(hash);
    if (!kind) return BadInput("verify", "unknown hash of the journal", "未知的日志摘要算法");
    verifier_.emplace(province_, *kind, kept_);
    return absl::OkStatus();
  }

  Task<absl::Status> ReadRows(wallet::Table table) {
    using Response = wallet::v1::ListTableRowsResponse;
    wallet::v1::ListTableRowsRequest request;
    request.set_table(wallet::ToMessage(table));
    request.set_page_size(kPage);
    auto answer = Ask<Response>("ListTableRows", request);
    while (true) {
      ASSIGN_OR_CO_RETURN(auto page, co_await std::move(answer));
      newest_in_tables_ = std::max(newest_in_tables_, page.newest_number());
      if (page.rows().empty()) co_return absl::OkStatus();
      request.set_after_key(page.rows(page.rows_size() - 1).key());
      std::vector<wallet::TableRow> rows;
      for (wallet::v1::TableRow& message : *page.mutable_rows()) {
        auto row = wallet::FromMessage(table, std::move(message));
        if (!row) co_return BadInput("verify", "a row of another table", "表与数据行不符");
        rows.push_back(*std::move(row));
      }
      answer = Ask<Response>("ListTableRows", request);
      for (const wallet::TableRow& row : rows) verifier_->AddRow(table, row);
    }
  }

  Client& client_;
  rpc::Channel& channel_;
  TaskScope scope_;
  const std::string province_;
  const wallet::KeptRoots kept_;
  std::optional<wallet::Verifier> verifier_;
  int64_t last_number_ = 0;
  int64_t newest_in_tables_ = 0;
};

}  // namespace

absl::StatusOr<RootsByShard> ReadKeptRoots(const std::string& file) {
  std::ifstream in(file);
  if (!in) return BadInput(file, "cannot be read", "无法读取");
  RootsByShard kept;
  std::string line;
  for (int row = 1; std::getline(in, line); ++row) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    int64_t number = 0;
    if (words.size() != 4 || !absl::SimpleAtoi(words[1], &number) || number <= 0 ||
        words[3].size() != kDigestHex ||
        !std::all_of(words[3].begin(), words[3].end(), absl::ascii_isxdigit)) {
      return BadInput(absl::StrCat(file, ":", row), "not what `gongji journal roots` prints",
                      "不是 gongji journal roots 的输出");
    }
    kept[words[0]][number] = absl::HexStringToBytes(words[3]);
  }
  return kept;
}

Task<absl::StatusOr<std::vector<std::string>>> Verify(Client& client,
                                                      std::vector<std::string> provinces,
                                                      RootsByShard kept) {
  if (provinces.empty()) {
    for (const auto& [province, channel] : client.wallets) provinces.push_back(province);
  }
  const bool all = provinces.size() == client.wallets.size();
  std::deque<ShardReader> readers;  // They stay where they are.
  for (const std::string& province : provinces) {
    ASSIGN_OR_CO_RETURN(rpc::Channel* const channel, ChannelOf(client, province));
    readers.emplace_back(client, *channel, province, kept[province]);
    CO_RETURN_IF_ERROR(co_await readers.back().Read());
  }
  // Counted from now, because reading a long journal takes longer than operations are in flight.
  const absl::Duration end = client.env().Monotonic() + kInFlight;
  while (true) {
    std::vector<std::string> findings;
    wallet::Mirrors mirrors;
    for (const ShardReader& reader : readers) {
      for (std::string& finding : reader.verifier().Findings()) {
        findings.push_back(std::move(finding));
      }
      mirrors.Add(reader.verifier());
    }
    if (!findings.empty()) co_return findings;  // Time does not repair any of these.
    if (all) findings = mirrors.Findings();
    if (findings.empty() || client.env().Monotonic() > end) co_return findings;
    co_await Sleep(client.env(), kVerifyPause);
    for (ShardReader& reader : readers) CO_RETURN_IF_ERROR(co_await reader.ReadOn());
  }
}

Task<absl::StatusOr<std::string>> Roots(Client& client, std::string province) {
  ASSIGN_OR_CO_RETURN(rpc::Channel* const channel, ChannelOf(client, province));
  std::string text;
  wallet::v1::ListRootsRequest request;
  request.set_page_size(kRootsPage);
  while (true) {
    ASSIGN_OR_CO_RETURN(const auto page,
                        co_await client.Call<wallet::v1::ListRootsResponse>(
                            *channel, "wallet.v1.WalletService/ListRoots", request));
    const auto hash = wallet::FromMessage(page.hash());
    for (const wallet::v1::Root& root : page.roots()) {
      absl::StrAppend(&text, province, " ", root.number(), " ", hash ? NameOf(*hash) : "?", " ",
                      absl::BytesToHexString(root.root()), "\n");
      request.set_after_number(root.number());
    }
    if (page.roots_size() < kRootsPage) co_return text;
  }
}

Task<absl::StatusOr<nlohmann::ordered_json>> Prove(Client& client, std::string province,
                                                   int64_t number) {
  ASSIGN_OR_CO_RETURN(rpc::Channel* const channel, ChannelOf(client, province));
  wallet::v1::GetProofRequest request;
  request.set_number(number);
  ASSIGN_OR_CO_RETURN(const auto proof, co_await client.Call<wallet::v1::GetProofResponse>(
                                            *channel, "wallet.v1.WalletService/GetProof", request));
  const auto hash = wallet::FromMessage(proof.hash());
  nlohmann::ordered_json json;
  json["hash"] = hash ? NameOf(*hash) : "";
  json["number"] = proof.number();
  json["body"] = absl::BytesToHexString(proof.body());
  json["chain_before"] = absl::BytesToHexString(proof.chain_before());
  json["first_number"] = proof.first_number();
  json["last_number"] = proof.last_number();
  json["path"] = nlohmann::ordered_json::array();
  for (const std::string& digest : proof.path()) {
    json["path"].push_back(absl::BytesToHexString(digest));
  }
  json["root"] = absl::BytesToHexString(proof.root());
  co_return json;
}

}  // namespace gongji::cli
