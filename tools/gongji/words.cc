#include "tools/gongji/words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/common/money.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::cli {
namespace {

constexpr char kFen[] = "_fen";
constexpr char kUnspecified[] = "UNSPECIFIED";

// The beginning of all values of the type: "ACCOUNT_STATUS_" of ACCOUNT_STATUS_UNSPECIFIED.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  const std::string first = type.value(0)->name();
  return first.ends_with(kUnspecified) ? first.substr(0, first.size() - sizeof(kUnspecified) + 1)
                                       : "";
}

struct Called {
  const char* name;
  Text text;
};

constexpr Called kNames[] = {
    {"account", {"account", "账户"}},
    {"amount_fen", {"amount", "金额"}},
    {"area", {"area", "统筹地区"}},
    {"available_fen", {"available", "可用金额"}},
    {"added_at", {"bound at", "绑定时间"}},
    {"business_day", {"business day", "业务日"}},
    {"care_area", {"place of care", "就医地"}},
    {"closes", {"closes", "关闭时间"}},
    {"ended_at", {"ended at", "终止时间"}},
    {"evidence", {"proof at hand", "现有证明"}},
    {"fact_id", {"fact", "事实编号"}},
    {"fee_fen", {"fee", "手续费"}},
    {"field", {"field", "字段"}},
    {"from", {"in force from", "实行日期"}},
    {"giver", {"giver", "共济人"}},
    {"holder", {"held by", "占用业务"}},
    {"id", {"id", "编号"}},
    {"insurance_type", {"insurance", "险种"}},
    {"insured_area", {"insured area", "参保地"}},
    {"kin", {"relationship found", "查到的亲属关系"}},
    {"left", {"left", "剩余次数"}},
    {"limit", {"limit", "上限"}},
    {"limit_fen", {"limit", "限额"}},
    {"minimum_fen", {"minimum", "最低余额"}},
    {"mode", {"mode", "共济方式"}},
    {"most", {"at most", "上限"}},
    {"needed", {"needed", "所需"}},
    {"needed_fen", {"needed", "所需金额"}},
    {"network_area", {"area of the network", "共济网所在地"}},
    {"network_id", {"network", "共济网"}},
    {"opens", {"opens", "开放时间"}},
    {"other_area", {"other area", "另一参保地"}},
    {"other_insurance_type", {"other insurance", "另一险种"}},
    {"path", {"path", "亲属关系路径"}},
    {"peer", {"service", "服务"}},
    {"prior_only", {"prior years only", "仅计历年结余"}},
    {"problem", {"problem", "问题"}},
    {"psn_no", {"person", "人员编号"}},
    {"receiver", {"receiver", "被共济人"}},
    {"refund", {"refund", "撤销业务"}},
    {"relation_id", {"relation", "共济关系"}},
    {"request_id", {"request id", "请求编号"}},
    {"rule", {"rule", "规则"}},
    {"scope", {"reach", "使用范围"}},
    {"shard", {"shard", "分片"}},
    {"stated_fen", {"stated", "申报金额"}},
    {"status", {"status", "状态"}},
    {"sum_fen", {"sum", "合计"}},
    {"year", {"year", "年度"}},
};

}  // namespace

Language LanguageOf(const std::string& locale) {
  return locale.starts_with("zh") ? Language::kChinese : Language::kEnglish;
}

std::string Labelled(const Text& label, const std::string& value, Language language) {
  return absl::StrCat(label.In(language), language == Language::kChinese ? "：" : ": ", value);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return gongji::FormatTime(rpc::FromMessage(time));
}

std::string WordOf(const google::protobuf::EnumValueDescriptor& value) {
  if (value.number() == 0) return "";
  return absl::AsciiStrToLower(value.name().substr(PrefixOf(*value.type()).size()));
}

int NumberOf(const google::protobuf::EnumDescriptor& type, const std::string& word) {
  const auto* value = type.FindValueByName(PrefixOf(type) + absl::AsciiStrToUpper(word));
  return value == nullptr ? 0 : value->number();
}

std::string NameWithoutUnit(const std::string& name) {
  return name.ends_with(kFen) ? name.substr(0, name.size() - sizeof(kFen) + 1) : name;
}

std::string ValueWithUnit(const std::string& name, const std::string& value) {
  int64_t fen = 0;
  if (!name.ends_with(kFen) || !absl::SimpleAtoi(value, &fen)) return value;
  return FormatYuan(fen);
}

std::string CalledIn(const std::string& name, Language language) {
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const Called& called) { return called.name == name; });
  return found == std::end(kNames) ? NameWithoutUnit(name) : found->text.In(language);
}

}  // namespace gongji::cli
