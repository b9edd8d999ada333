#include "tools/gongji/command_line.h"

#include <gtest/gtest.h>

#include "tools/gongji/actions.h"
#include "tools/gongji/completion.h"
#include "tools/gongji/refusal.h"

namespace gongji::cli {
namespace {

constexpr char kEnglishLocale[] = "C.UTF-8";
constexpr char kChineseLocale[] = "zh_CN.UTF-8";

TEST(CommandLine, OptionsBecomeTheFieldsOfALine) {
  const Parsed parsed =
      ParseCommandLine({"transfer", "--giver=1", "--receiver", "2", "--amount=500.00",
                        "--request-id=abc", "--cluster=c.json", "--output=json"},
                       kEnglishLocale);
  ASSERT_TRUE(parsed.invocation.has_value()) << parsed.error;
  EXPECT_STREQ(parsed.invocation->command->action, "transfer");
  EXPECT_EQ(parsed.invocation->line,
            (nlohmann::json{{"giver", "1"}, {"receiver", "2"}, {"amount", "500.00"}}));
  EXPECT_EQ(parsed.invocation->request_id, "abc");
  EXPECT_EQ(parsed.invocation->cluster, "c.json");
  EXPECT_TRUE(parsed.invocation->json);
}

TEST(CommandLine, GroupsListsAndWholeNumbers) {
  const Parsed add = ParseCommandLine(
      {"network", "add", "--network=n", "--member=m", "--modes=pay,premium", "--channel=window"},
      kEnglishLocale);
  ASSERT_TRUE(add.invocation.has_value()) << add.error;
  EXPECT_EQ(add.invocation->line, (nlohmann::json{{"network", "n"},
                                                  {"member", "m"},
                                                  {"modes", {"pay", "premium"}},
                                                  {"channel", "window"}}));
  const Parsed contribute = ParseCommandLine(
      {"contribute", "--person=1", "--year=2026", "--current=1.00", "--source=employer"},
      kEnglishLocale);
  ASSERT_TRUE(contribute.invocation.has_value()) << contribute.error;
  EXPECT_EQ(contribute.invocation->line.at("year"), 2026);
}

struct Wrong {
  std::vector<std::string> arguments;
  const char* en;
  const char* zh;
};

TEST(CommandLine, WrongCallsEndWith2AndSayWhyInBothLanguages) {
  const Wrong wrongs[] = {
      {{}, "missing: a subcommand", "缺少：子命令"},
      {{"network"}, "missing: a subcommand", "缺少：子命令"},
      {{"transfer", "--giver=1"}, "missing: --receiver", "缺少：--receiver"},
      {{"balance", "--person=1", "--nothing"}, "not known: --nothing", "无法识别：--nothing"},
      {{"balance", "--person"}, "needs a value: --person", "缺少取值：--person"},
      {{"transfer", "--giver=1", "--receiver=2", "--amount=5"},
       "is not an amount in yuan with two decimals, such as 162.31: 5",
       "不是两位小数的金额（元），应如 162.31：5"},
      {{"contribute", "--person=1", "--year=x", "--source=s"},
       "is not a whole number: x",
       "不是整数：x"},
      {{"network", "create", "--organiser=1", "--scope=world"},
       "world is none of in_province, wallet",
       "world 不在可选范围：in_province, wallet"},
      {{"open", "--person=1", "--request-id=a b"},
       "is not 1 to 64 printable characters",
       "不是 1 至 64 个可见字符"},
  };
  for (const Wrong& wrong : wrongs) {
    for (const bool chinese : {false, true}) {
      const Parsed parsed =
          ParseCommandLine(wrong.arguments, chinese ? kChineseLocale : kEnglishLocale);
      EXPECT_FALSE(parsed.invocation.has_value()) << wrong.en;
      EXPECT_EQ(parsed.exit_code, kBadInput) << wrong.en;
      EXPECT_NE(parsed.error.find(chinese ? wrong.zh : wrong.en), std::string::npos)
          << parsed.error;
    }
  }
}

TEST(CommandLine, LanguageComesFromTheOptionThenTheLocale) {
  const auto language = [](std::vector<std::string> arguments, const char* locale) {
    return ParseCommandLine(std::move(arguments), locale).invocation->language;
  };
  EXPECT_EQ(language({"verify"}, kChineseLocale), Language::kChinese);
  EXPECT_EQ(language({"verify"}, ""), Language::kEnglish);
  EXPECT_EQ(language({"verify", "--lang=en"}, kChineseLocale), Language::kEnglish);
  EXPECT_EQ(language({"--lang", "zh", "verify"}, kEnglishLocale), Language::kChinese);
}

TEST(CommandLine, HelpIsInOneLanguage) {
  const Parsed zh = ParseCommandLine({"transfer", "--help", "--lang=zh"}, kEnglishLocale);
  EXPECT_EQ(zh.exit_code, 0);
  EXPECT_NE(zh.out.find("转入共济额度"), std::string::npos);
  for (const char* english : {"Options", "Usage", "REQUIRED", "TEXT"}) {
    EXPECT_EQ(zh.out.find(english), std::string::npos) << english;
  }
  EXPECT_NE(ParseCommandLine({"--help"}, kEnglishLocale).out.find("Exit codes: 0 done"),
            std::string::npos);
}

TEST(Commands, AreActionsWithBothLanguages) {
  const auto said = [](const Text& text) { return *text.en != '\0' && *text.zh != '\0'; };
  for (const Command& command : Commands()) {
    EXPECT_TRUE(said(command.help)) << command.name;
    if (*command.group != '\0') EXPECT_TRUE(said(HelpOfGroup(command.group))) << command.group;
    if (command.room == Room::kAction) EXPECT_TRUE(Actions::Knows(command.action)) << command.name;
    for (const Option& option : command.options) {
      EXPECT_TRUE(said(option.help)) << command.name << " " << option.flag;
    }
  }
}

TEST(Completion, KnowsCommandsOptionsAndWords) {
  auto words = CompletionWords();
  const auto has = [&](const std::string& at, const std::string& word) {
    return std::count(words[at].begin(), words[at].end(), word) == 1;
  };
  EXPECT_TRUE(has("", "transfer"));
  EXPECT_TRUE(has("", "network"));
  EXPECT_TRUE(has("network", "add"));
  EXPECT_TRUE(has("network add", "--member"));
  EXPECT_TRUE(has("network add", "--request-id"));
  EXPECT_TRUE(has("--scope", "wallet"));
  EXPECT_TRUE(has("completion", "zsh"));
  EXPECT_FALSE(has("balance", "--request-id"));
  EXPECT_EQ(CompletionScript("zsh").find("autoload"), 0U);
  EXPECT_EQ(CompletionScript("bash").find("_gongji_words()"), 0U);
}

}  // namespace
}  // namespace gongji::cli
