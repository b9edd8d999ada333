// Answers of relation and wallet. Each AnswerOf fills in the facts, the text and the JSON of one
// response; words for enumerators are at the top.
#include <algorithm>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "tools/gongji/json.h"
#include "tools/gongji/replies.h"
#include "tools/gongji/table.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

constexpr Text kReplayed = {"answered before under this request id", "该请求编号此前已有此答复"};
constexpr Text kNoNetworks = {"no networks", "没有共济网"};
constexpr Text kNetwork = {"network", "共济网"};
constexpr Text kOrganiser = {"organiser", "组织者"};
constexpr Text kDissolved = {"dissolved", "已解散"};
constexpr Text kMember = {"member", "成员"};
constexpr Text kRelation = {"relation", "共济关系"};
constexpr Text kKin = {"relative", "亲属关系"};
constexpr Text kModes = {"modes", "共济方式"};
constexpr Text kBoundAt = {"bound at", "绑定时间"};
constexpr Text kNoMode = {"none ticked", "未勾选"};
constexpr Text kNoAccounts = {"no accounts", "没有账户"};
constexpr Text kAccount = {"account", "账户"};
constexpr Text kYuan = {"yuan", "金额（元）"};
constexpr Text kWallet = {"wallet", "医保钱包"};
constexpr Text kOpen = {"open", "已开通"};
constexpr Text kNotOpen = {"not opened", "未开通"};
constexpr Text kClosed = {"closed", "已关闭"};
constexpr Text kNumber = {"number", "序号"};
constexpr Text kTime = {"time", "时间"};
constexpr Text kChange = {"change", "变动"};
constexpr Text kBalance = {"balance", "余额"};
constexpr Text kOther = {"other side", "对方账户"};
constexpr Text kStep = {"step", "步骤"};
constexpr Text kNothingBooked = {"nothing was ever booked", "没有记账记录"};

constexpr Text kThisYear = {"this year", "当年"};
constexpr Text kEarlierYears = {"earlier years", "历年"};
constexpr Text kFamily = {"set aside for the family", "家庭共济子账户"};
constexpr Text kGranted = {"granted to others", "已转出未使用"};
constexpr Text kReceived = {"received from others", "已转入可用"};
constexpr Text kOffered = {"offered, to be accepted", "待接受"};
constexpr Text kOpenedBy = {"opened by", "代办人"};
constexpr Text kLeaving = {"a move to another area is under way", "正在办理转移接续"};
constexpr Text kLeft = {"moved to area", "已转出至"};
constexpr Text kFee = {"fee", "手续费"};

struct Word {
  const char* name;
  Text text;
};

constexpr Word kWords[] = {
    {"in_province", {"inside the province", "省内共济网"}},
    {"wallet", {"wallets", "医保钱包"}},
    {"spouse", {"spouse", "配偶"}},
    {"parent", {"parent", "父母"}},
    {"child", {"child", "子女"}},
    {"sibling", {"brother or sister", "兄弟姐妹"}},
    {"grandparent", {"grandparent", "祖父母、外祖父母"}},
    {"grandchild", {"grandchild", "孙子女、外孙子女"}},
    {"pay", {"bills", "共济支付"}},
    {"premium", {"premiums", "共济缴费"}},
    {"granted", kGranted},
    {"received", kReceived},
    {"offered", kOffered},
};

// The text for an enumerator; its word if there is no text.
template <class Enum>
std::string EnumText(Enum value, const google::protobuf::EnumDescriptor* type, Language language) {
  const auto* found = type->FindValueByNumber(value);
  const std::string word = found == nullptr ? "" : WordOf(*found);
  const auto* known = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const Word& candidate) { return candidate.name == word; });
  return known == std::end(kWords) ? word : known->text.In(language);
}

template <class Written>
Answer AnswerOfWrite(const Written& written, std::string text, Language language) {
  Answer answer;
  answer.replayed = written.replayed();
  answer.json = JsonOf(written);
  answer.text = std::move(text);
  if (written.replayed()) absl::StrAppend(&answer.text, "\n", kReplayed.In(language));
  return answer;
}

std::string TextOf(const relation::v1::Network& network, Language language) {
  std::string text = absl::StrCat(
      Labelled(kNetwork, network.network_id(), language), "  ",
      EnumText(network.scope(), relation::v1::NetworkScope_descriptor(), language), "  ",
      Labelled(kOrganiser, network.organiser_psn_no(), language), "  ", network.area());
  if (network.has_dissolved_at()) absl::StrAppend(&text, "  ", kDissolved.In(language));
  if (network.relations().empty()) return text;
  Table table({kMember.In(language), kRelation.In(language), kKin.In(language), kModes.In(language),
               kBoundAt.In(language)});
  for (const auto& relation : network.relations()) {
    std::vector<std::string> modes;
    for (const int mode : relation.modes()) {
      modes.push_back(EnumText(mode, policy::v1::UseMode_descriptor(), language));
    }
    if (modes.empty()) modes.emplace_back(kNoMode.In(language));
    table.Add({relation.receiver_psn_no(), relation.relation_id(),
               EnumText(relation.kin(), policy::v1::Kin_descriptor(), language),
               absl::StrJoin(modes, ", "), TimeText(relation.added_at())});
  }
  return absl::StrCat(text, "\n", table.Lines());
}

}  // namespace

std::string ColumnOf(const std::string& account) {
  const std::vector<std::string> words = absl::StrSplit(account, '/');
  return words.size() >= 3 && words[0] == "person" ? words[2] : "";
}

Answer AnswerOf(const relation::v1::WriteResult& written, const Text& what, Language language) {
  Answer answer = AnswerOfWrite(written, Labelled(what, written.id(), language), language);
  answer.id = written.id();
  return answer;
}

Answer AnswerOf(const wallet::v1::WriteResult& written, const Text& what, Language language) {
  return AnswerOfWrite(written, what.In(language), language);
}

Answer AnswerOf(const std::vector<relation::v1::Network>& networks, Language language) {
  Answer answer;
  answer.json["networks"] = nlohmann::ordered_json::array();
  std::vector<std::string> texts;
  for (const auto& network : networks) {
    answer.json["networks"].push_back(JsonOf(network));
    texts.push_back(TextOf(network, language));
  }
  answer.text = texts.empty() ? kNoNetworks.In(language) : absl::StrJoin(texts, "\n");
  return answer;
}

Answer AnswerOf(const wallet::v1::PersonBalances& balances, Language language) {
  std::map<std::string, int64_t> columns;
  for (const char* column : kColumns) columns[column] = 0;
  Table table({kAccount.In(language), kYuan.In(language), ""});
  for (const auto& account : balances.accounts()) {
    columns[ColumnOf(account.account())] += account.balance_fen();
    table.Add({account.account(), FormatYuan(account.balance_fen()),
               account.closed() ? kClosed.In(language) : ""});
  }
  Answer answer;
  answer.json = JsonOf(balances);
  for (const auto& [column, fen] : columns) answer.facts[column] = FormatYuan(fen);
  answer.text = absl::StrCat(
      balances.accounts().empty() ? absl::StrCat("  ", kNoAccounts.In(language)) : table.Lines(),
      "\n", Labelled(kWallet, (balances.wallet_open() ? kOpen : kNotOpen).In(language), language));
  return answer;
}

Answer AnswerOf(const wallet::v1::GetHoldingsResponse& holdings, Language language) {
  Answer answer;
  answer.json = JsonOf(holdings);
  answer.json.erase("next_page_token");
  struct Sum {
    const char* fact;
    const Text& text;
    int64_t fen;
  };
  const Sum sums[] = {{"current", kThisYear, holdings.current_fen()},
                      {"prior", kEarlierYears, holdings.prior_fen()},
                      {"family", kFamily, holdings.family_fen()},
                      {"granted", kGranted, holdings.granted_fen()},
                      {"received", kReceived, holdings.received_fen()},
                      {"offered", kOffered, holdings.offered_fen()}};
  Table table({"", kYuan.In(language)});
  for (const Sum& sum : sums) {
    answer.facts[sum.fact] = FormatYuan(sum.fen);
    table.Add({sum.text.In(language), FormatYuan(sum.fen)});
  }
  answer.text = table.Lines();
  if (!holdings.holdings().empty()) {
    Table parts({"", kRelation.In(language), kYuan.In(language), kThisYear.In(language),
                 kEarlierYears.In(language)});
    for (const auto& part : holdings.holdings()) {
      const bool granted = part.kind() == wallet::v1::Holding::KIND_GRANTED;
      const int64_t fen = part.current_fen() + part.prior_fen() + part.quota_fen();
      parts.Add({EnumText(part.kind(), wallet::v1::Holding::Kind_descriptor(), language),
                 part.relation_id(), FormatYuan(fen), granted ? FormatYuan(part.current_fen()) : "",
                 granted ? FormatYuan(part.prior_fen()) : ""});
    }
    absl::StrAppend(&answer.text, "\n", parts.Lines());
  }
  absl::StrAppend(
      &answer.text, "\n",
      Labelled(kWallet, (holdings.wallet_open() ? kOpen : kNotOpen).In(language), language));
  if (!holdings.opened_by_psn_no().empty()) {
    absl::StrAppend(&answer.text, "\n", Labelled(kOpenedBy, holdings.opened_by_psn_no(), language));
  }
  if (holdings.residence() == wallet::v1::RESIDENCE_LEAVING) {
    absl::StrAppend(&answer.text, "\n", kLeaving.In(language));
  } else if (holdings.residence() == wallet::v1::RESIDENCE_LEFT) {
    absl::StrAppend(&answer.text, "\n", Labelled(kLeft, holdings.new_area(), language));
  }
  return answer;
}

Answer AnswerOf(const wallet::v1::QuotePayOutResponse& quote, Language language) {
  Answer answer;
  answer.json = {{"fee", FormatYuan(quote.fee_fen())}};
  answer.facts["fee"] = FormatYuan(quote.fee_fen());
  answer.text = Labelled(kFee, FormatYuan(quote.fee_fen()), language);
  if (!quote.has_refusal()) return answer;
  const Refusal refusal = RefusalOf(rpc::FromMessage(quote.refusal()), language);
  answer.facts["refused"] = refusal.reason;
  answer.json["refused"] = JsonOf(refusal);
  absl::StrAppend(&answer.text, "\n", LineOf(refusal, language));
  return answer;
}

Answer StatementOf(const std::string& psn_no, std::vector<BookedLine> lines, Language language) {
  std::sort(lines.begin(), lines.end(), [](const BookedLine& a, const BookedLine& b) {
    // Of one posting, the line of the account that money leaves comes before that of the other
    // account.
    return std::tuple(a.line.number(), a.line.ordinal(), a.line.change_fen()) <
           std::tuple(b.line.number(), b.line.ordinal(), b.line.change_fen());
  });
  Answer answer;
  answer.json = {{"psn_no", psn_no}, {"lines", nlohmann::ordered_json::array()}};
  Table table({kNumber.In(language), kTime.In(language), kAccount.In(language),
               kChange.In(language), kBalance.In(language), kOther.In(language),
               kStep.In(language)});
  const size_t own = ledger::PersonPrefix(psn_no).size();
  for (const auto& [account, line] : lines) {
    const std::string at = TimeText(line.at());
    const std::string change = FormatYuan(line.change_fen());
    const std::string balance = FormatYuan(line.balance_fen());
    table.Add({absl::StrCat(line.number()), at, account.substr(own), change, balance,
               line.other_account(), line.id()});
    answer.json["lines"].push_back({{"number", line.number()},
                                    {"at", at},
                                    {"id", line.id()},
                                    {"account", account},
                                    {"other", line.other_account()},
                                    {"change", change},
                                    {"balance", balance}});
  }
  answer.text = lines.empty() ? kNothingBooked.In(language) : table.Lines();
  return answer;
}

}  // namespace gongji::cli
