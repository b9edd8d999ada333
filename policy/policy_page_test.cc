// The rules page in both languages: values, layers, dates and places, and a sentence for every
// knob.
#include "policy/policy_page.h"

#include <gtest/gtest.h>

#include <functional>

#include "gongji/policy/v1/policy.pb.h"
#include "policy/policy_sentence.h"

namespace gongji::policy {
namespace {

const std::vector<PolicyText> kTexts = {{"national.textproto", R"(area: "national"
name_zh: "全国"
name_en: "National"
rules {
  sources: "Notice of 2026"
  assumed: true
  network {
    use_open: false
    max_receivers_per_giver: 0
  }
  fund { fund_scope: FUND_SCOPE_ALL }
}
rules {
  sources: "List"
  kin { in_province { kin: [KIN_SPOUSE, KIN_PARENT] } }
  transfer { max_per_day: 3 max_fen: 200000 window_from: "06:00" window_to: "22:00" }
}
)"},
                                        {"provinces/31.textproto", R"(area: "31"
name_zh: "上海市"
name_en: "Shanghai"
rules {
  valid_from: "2022-08-01"
  valid_to: "2024-12-08"
  sources: "Questions and answers"
  sources: "A second paper"
  network { use_open: true }
}
rules {
  valid_from: "2024-12-09"
  sources: "Later"
  fund { fund_scope: FUND_SCOPE_PRIOR_YEARS_ONLY }
}
)"}};

std::string PageOn(BusinessDay day, Language language, const std::string& area = "310000") {
  const auto page = PolicyPage(kTexts, {area, day, language});
  EXPECT_TRUE(page.ok()) << page.status();
  return page.value_or("");
}

// The text between the heading of `group` and the next heading.
std::string PartOf(const std::string& page, const std::string& heading) {
  const size_t begin = page.find("## " + heading);
  if (begin == std::string::npos) return "";
  return page.substr(begin, page.find("\n## ", begin) - begin);
}

TEST(PolicyPage, NamesAreaDayAndLayers) {
  const std::string page = PageOn(BusinessDay(2024, 6, 1), Language::kEnglish);
  EXPECT_EQ(page.substr(0, page.find('\n')),
            "# Rules of family sharing: 310000, Shanghai, on 2024-06-01");
  const size_t intro = page.find("\n\n");
  const size_t files = page.find("\nFiles: National `national@");
  ASSERT_NE(files, std::string::npos);
  EXPECT_GT(files, intro + 20) << "no introduction";
  EXPECT_EQ(page.find('\n', intro + 2), files) << "it is one line, and the files come next";
  EXPECT_NE(page.find(", Shanghai `provinces/31@"), std::string::npos);
}

TEST(PolicyPage, TellsValueDaysLayerSourceAndWhetherAssumed) {
  const std::string page = PageOn(BusinessDay(2024, 6, 1), Language::kEnglish);
  EXPECT_EQ(PartOf(page, "Networks inside the province"), R"(## Networks inside the province

- Members may use the organiser's money.
  - From: Shanghai, `provinces/31.textproto:9:13`, in force from 2022-08-01 to 2024-12-08
  - Source: Questions and answers
  - Source: A second paper
- The number of receivers of a giver is not limited.
  - From: National, `national.textproto:9:5`, in force without a date
  - Source: Notice of 2026
  - Assumed: no good source settles this; it is a choice of this project.
)");
}

TEST(PolicyPage, SaysTheSameInChinese) {
  const std::string page = PageOn(BusinessDay(2024, 6, 1), Language::kChinese);
  EXPECT_EQ(page.substr(0, page.find('\n')), "# 家庭共济规则：310000，上海市，2024-06-01");
  EXPECT_EQ(PartOf(page, "省内家庭共济网"), R"(## 省内家庭共济网

- 成员可使用组织者的共济资金。
  - 出处：上海市，`provinces/31.textproto:9:13`，自 2022-08-01 至 2024-12-08 施行
  - 依据：Questions and answers
  - 依据：A second paper
- 共济人的被共济人人数不限。
  - 出处：全国，`national.textproto:9:5`，未定起止日期
  - 依据：Notice of 2026
  - 假定：没有明确依据，为本项目的选择。
)");
}

TEST(PolicyPage, FollowsTheDay) {
  const auto fund = [](BusinessDay day) {
    return PartOf(PageOn(day, Language::kEnglish), "What of the giver's money is shared");
  };
  EXPECT_NE(fund(BusinessDay(2024, 12, 8)).find("the whole account"), std::string::npos);
  EXPECT_NE(fund(BusinessDay(2024, 12, 9)).find("in force since 2024-12-09"), std::string::npos);
  EXPECT_NE(fund(BusinessDay(2024, 12, 9)).find("prior years"), std::string::npos);
  // Once the province's rule is over, the national one holds again.
  EXPECT_NE(PageOn(BusinessDay(2024, 12, 9), Language::kEnglish).find("may not use"),
            std::string::npos);
}

TEST(PolicyPage, WritesListsAmountsAndTimes) {
  const std::string page = PageOn(BusinessDay(2024, 6, 1), Language::kEnglish);
  for (const char* sentence : {"relatives may share: spouse, parents.", "at most 3 transfers",
                               "at most 2000.00 yuan.", "begin at 06:00.", "over at 22:00."}) {
    EXPECT_NE(page.find(sentence), std::string::npos) << sentence;
  }
}

TEST(PolicyPage, AreaWithoutAFileFollowsTheCountry) {
  const std::string page = PageOn(BusinessDay(2024, 6, 1), Language::kEnglish, "51");
  EXPECT_NE(page.find("# Rules of family sharing: 51, National"), std::string::npos);
  EXPECT_EQ(page.find("Shanghai"), std::string::npos);
}

TEST(PolicyPage, RefusesMistakesAndWhatIsNoArea) {
  const PageOf of = {"31", BusinessDay(2024, 6, 1), Language::kEnglish};
  const auto wrong = PolicyPage({{"national.textproto", "area: \"national\"\nrule {}\n"}}, of);
  EXPECT_NE(wrong.status().message().find("national.textproto:2:"), std::string::npos);
  EXPECT_EQ(PolicyPage({}, of).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(PolicyPage(kTexts, {"3x", of.day}).status().code(), absl::StatusCode::kInvalidArgument);
}

void ForEachKnob(const std::function<void(const google::protobuf::FieldDescriptor& group,
                                          const google::protobuf::FieldDescriptor& knob)>& visit) {
  const auto* rules = v1::Rules::descriptor();
  for (int i = 0; i < rules->field_count(); ++i) {
    const auto* group = rules->field(i);
    if (group->number() < 10) continue;
    for (int k = 0; k < group->message_type()->field_count(); ++k) {
      visit(*group, *group->message_type()->field(k));
    }
  }
}

// There is a sentence for every knob and word of the schema, including ones added later.
TEST(PolicySentence, CoversTheSchema) {
  std::function<void(const google::protobuf::Descriptor&)> words =
      [&](const google::protobuf::Descriptor& message) {
        for (int i = 0; i < message.field_count(); ++i) {
          const auto* field = message.field(i);
          if (field->message_type() != nullptr) words(*field->message_type());
          if (field->enum_type() == nullptr) continue;
          for (int v = 1; v < field->enum_type()->value_count(); ++v) {
            const auto* value = field->enum_type()->value(v);
            EXPECT_TRUE(WordsOf(*value).has_value()) << value->name();
          }
        }
      };
  words(*v1::Rules::descriptor());
  ForEachKnob([](const auto& group, const auto& knob) {
    EXPECT_TRUE(HeadingOf(group.name()).has_value()) << group.name();
    EXPECT_TRUE(HasSentence(group.name() + "." + knob.name())) << group.name() << knob.name();
  });
}

TEST(PolicySentence, AKnobWithoutOneIsShownAsItIs) {
  EXPECT_FALSE(HasSentence("fund.new_knob"));
  EXPECT_FALSE(HeadingOf("new_group").has_value());
  v1::FundRules fund;
  fund.set_min_retained_fen(500);
  EXPECT_EQ(
      SentenceOf("fund.new_knob", fund, fund.GetDescriptor()->FindFieldByName("min_retained_fen"),
                 Language::kEnglish),
      "fund.new_knob: 5.00");
}

TEST(PolicySentence, SpecialValues) {
  v1::AccountRules account;
  account.mutable_cash_withdrawal()->set_allowed(true);
  account.mutable_cash_withdrawal()->set_fee_basis_points(150);
  account.mutable_cash_withdrawal()->set_fee_min_fen(200);
  account.mutable_cash_withdrawal()->add_exempt_psn_types("12");
  const auto say = [](const char* knob, const google::protobuf::Message& group, const char* field) {
    return SentenceOf(knob, group, group.GetDescriptor()->FindFieldByName(field),
                      Language::kEnglish);
  };
  EXPECT_EQ(say("account.cash_withdrawal", account, "cash_withdrawal"),
            "An own account may be paid out in cash; the fee is 1.50 % plus 0.00 yuan, at least "
            "2.00 yuan, none for kinds of persons 12.");
  account.mutable_cash_withdrawal()->set_allowed(false);
  EXPECT_EQ(say("account.cash_withdrawal", account, "cash_withdrawal"),
            "An own account is not paid out in cash.");
  v1::PurposeRules purpose;
  auto* season = purpose.mutable_premium_seasons()->add_seasons();
  season->set_purpose(v1::PURPOSE_RESIDENT_PREMIUM);
  season->set_first_day("09-01");
  season->set_last_day("02-28");
  EXPECT_EQ(say("purpose.premium_seasons", purpose, "premium_seasons"),
            "Premiums may be paid in these seasons: the residents' premium 09-01 to 02-28.");
  v1::NetworkRules network;
  auto* days = network.mutable_maintenance()->add_windows();
  days->set_first_day(1);
  days->set_last_day(3);
  EXPECT_EQ(say("network.maintenance", network, "maintenance"),
            "On these days of the month nothing is changed or settled: 1 to 3.");
}

}  // namespace
}  // namespace gongji::policy
