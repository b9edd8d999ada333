// Builder makes a CLI11 application from the table of commands: one subparser for each command, one
// option for each Option, with the checks of its type. The callback of the chosen subcommand fills
// in the invocation; errors of CLI11 are turned into sentences in the chosen language.
#include "tools/gongji/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/common/version.h"
#include "tools/gongji/refusal.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

constexpr Text kAbout = {
    "gongji: family mutual aid on medical-insurance accounts\n"
    "Exit codes: 0 done; 1 refused by a rule (play: not as expected, verify: not in order);\n"
    "2 wrong call or input, nothing stored; 3 unavailable or undecided, repeat the same request "
    "id.",
    "gongji：医保个人账户家庭共济\n"
    "退出码：0 已办理；1 按规则拒绝（play：与预期不符；verify：账目有误）；\n"
    "2 调用或输入有误，未保存任何内容；3 服务不可用或尚未确定，请用同一请求编号重试。"};
constexpr Text kHelp = {"print this help and end", "显示帮助"};
constexpr Text kLangHelp = {"language of all texts; default from LANG", "显示语言，默认取自 LANG"};
constexpr Text kOutputHelp = {"for people or for programs", "输出格式：表格或 JSON"};
constexpr Text kClusterHelp = {"cluster.json as tools/up prints it",
                               "tools/up 给出的 cluster.json"};
constexpr Text kPolicyHelp = {"folder of the policy files", "政策文件目录"};
constexpr Text kVersionHelp = {"print version and commit", "显示版本和提交号"};
constexpr Text kRequestIdHelp = {
    "1 to 64 printable characters; the same id with the same contents gives the first answer "
    "again. Left out: a fresh one, which is printed",
    "请求编号，1 至 64 个可见字符；同一编号、同一内容得到首次的答复。不填则自动生成并显示"};
constexpr Text kOptions = {"Options", "选项"};
constexpr Text kSubcommands = {"Subcommands", "子命令"};
constexpr Text kNotYuan = {"is not an amount in yuan with two decimals, such as 162.31: ",
                           "不是两位小数的金额（元），应如 162.31："};
constexpr Text kNotWhole = {"is not a whole number: ", "不是整数："};
constexpr Text kNotAWord = {" is none of ", " 不在可选范围："};
constexpr Text kNotAnId = {"is not 1 to 64 printable characters", "不是 1 至 64 个可见字符"};
constexpr Text kMissing = {"missing: ", "缺少："};
constexpr Text kSubcommand = {"a subcommand", "子命令"};
constexpr Text kUnknown = {"not known: ", "无法识别："};
constexpr Text kNoValue = {"needs a value: ", "缺少取值："};
constexpr Text kMore = {"`gongji [SUBCOMMAND] --help` tells more", "详见 gongji [子命令] --help"};

// The labels that CLI11 prints around our texts.
constexpr std::pair<const char*, Text> kLabels[] = {
    {"Usage", {"Usage", "用法"}},
    {"OPTIONS", {"OPTIONS", "选项"}},
    {"SUBCOMMAND", {"SUBCOMMAND", "子命令"}},
    {"SUBCOMMANDS", {"SUBCOMMANDS", "子命令"}},
    {"Positionals", {"Arguments", "参数"}},
    {"REQUIRED", {"(required)", "（必填）"}},
    {"Env", {"environment", "环境变量"}},
    {"TEXT", {"TEXT", "文本"}},
    {"YUAN", {"YUAN", "金额"}},
    {"NUMBER", {"NUMBER", "整数"}},
    {"FILE", {"FILE", "文件"}},
};

// Help must be built in the right language, so --lang is searched for before anything is parsed.
Language LanguageFrom(const std::vector<std::string>& arguments, const std::string& locale) {
  Language language = LanguageOf(locale);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (absl::StartsWith(arguments[i], "--lang=")) language = LanguageOf(arguments[i].substr(7));
    if (arguments[i] == "--lang" && i + 1 < arguments.size()) {
      language = LanguageOf(arguments[i + 1]);
    }
  }
  return language;
}

class Builder {
 public:
  Builder(Language language, Invocation& invocation)
      : language_(language), invocation_(invocation), app_(Say(kAbout), "gongji") {
    for (const auto& [key, text] : kLabels) app_.get_formatter()->label(key, Say(text));
    app_.get_formatter()->column_width(36);
    app_.option_defaults()->group(Say(kOptions));
    app_.set_help_flag("-h,--help", Say(kHelp));
    app_.require_subcommand(1);
    AddWord(app_, "--lang", {"en", "zh"}, kLangHelp,
            [this](const std::string& word) { invocation_.language = LanguageOf(word); });
    AddWord(app_, "--output", {"table", "json"}, kOutputHelp,
            [this](const std::string& word) { invocation_.json = word == "json"; });
    app_.add_option("--cluster", invocation_.cluster, Say(kClusterHelp))
        ->envname("GONGJI_CLUSTER")
        ->type_name("FILE");
    app_.add_option("--policy", invocation_.policy, Say(kPolicyHelp))->type_name("FILE");
    app_.set_version_flag("--version", VersionText("gongji"), Say(kVersionHelp));
    for (const Command& command : Commands()) Add(command);
  }

  CLI::App& app() { return app_; }

 private:
  std::string Say(const Text& text) const { return text.In(language_); }

  void Add(const Command& command) {
    CLI::App* parent = &app_;
    if (*command.group != '\0') {
      CLI::App*& group = groups_[command.group];
      if (group == nullptr) {
        group = app_.add_subcommand(command.group, Say(HelpOfGroup(command.group)));
        Join(*group);
        group->require_subcommand(1);
      }
      parent = group;
    }
    CLI::App* sub = parent->add_subcommand(command.name, Say(command.help));
    Join(*sub);
    for (const Option& option : command.options) Add(*sub, option);
    if (command.writes) {
      sub->add_option("--request-id", invocation_.request_id, Say(kRequestIdHelp))
          ->check([this](const std::string& id) {
            return IsRequestId(id) ? std::string() : Say(kNotAnId);
          })
          ->type_name("TEXT");
      for (const Option& option : OriginOptions()) Add(*sub, option);
    }
    sub->final_callback([this, &command] { invocation_.command = &command; });
  }

  // Sets what all subcommands have in common: they also take the options of the commands above
  // them.
  void Join(CLI::App& sub) const {
    sub.fallthrough()->group(Say(kSubcommands));
    sub.get_help_ptr()->group(Say(kOptions));
  }

  template <class Take>
  void AddWord(CLI::App& app, const char* flag, std::vector<const char*> words, const Text& help,
               Take take) {
    app.add_option_function<std::string>(flag, take, Say(help))
        ->check(OneOf(words))
        ->type_name(absl::StrJoin(words, "|"));
  }

  void Add(CLI::App& app, const Option& option) {
    auto& line = invocation_.line;
    const std::string field = option.field;
    CLI::Option* added = nullptr;
    if (option.kind == Kind::kObject) {
      added = app.add_option(option.flag, invocation_.object, Say(option.help));
    } else if (option.kind == Kind::kFlag) {
      app.add_flag_callback(option.flag, [&line, field] { line[field] = true; }, Say(option.help));
      return;
    } else if (option.kind == Kind::kWords) {
      added = app.add_option_function<std::vector<std::string>>(
          option.flag,
          [&line, field](const std::vector<std::string>& values) { line[field] = values; },
          Say(option.help));
      added->delimiter(',');
    } else {
      const bool whole = option.kind == Kind::kWhole;
      added = app.add_option_function<std::string>(
          option.flag,
          [&line, field, whole](const std::string& value) {
            int64_t number = 0;
            if (whole && absl::SimpleAtoi(value, &number)) {
              line[field] = number;
            } else {
              line[field] = value;
            }
          },
          Say(option.help));
    }
    added->required(option.required)->type_name(TypeOf(option));
    Validate(*added, option);
  }

  std::string TypeOf(const Option& option) const {
    if (!option.words.empty()) return absl::StrJoin(option.words, "|");
    switch (option.kind) {
      case Kind::kYuan:
        return "YUAN";
      case Kind::kWhole:
        return "NUMBER";
      case Kind::kObject:
        return "FILE";
      default:
        return "TEXT";
    }
  }

  void Validate(CLI::Option& added, const Option& option) {
    if (!option.words.empty()) added.check(OneOf(option.words));
    if (option.kind == Kind::kYuan) {
      added.check([this](const std::string& text) {
        return ParseYuan(text) ? std::string() : absl::StrCat(Say(kNotYuan), text);
      });
    }
    if (option.kind == Kind::kWhole) {
      added.check([this](const std::string& text) {
        int number = 0;
        return absl::SimpleAtoi(text, &number) ? "" : absl::StrCat(Say(kNotWhole), text);
      });
    }
  }

  std::function<std::string(const std::string&)> OneOf(std::vector<const char*> words) {
    return [this, words = std::move(words)](const std::string& word) {
      if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
      return absl::StrCat(word, Say(kNotAWord), absl::StrJoin(words, ", "));
    };
  }

  const Language language_;
  Invocation& invocation_;
  CLI::App app_;
  std::map<std::string, CLI::App*> groups_;
};

// CLI11 writes English only; these are the mistakes that it can find here.
std::string TextOf(const CLI::ParseError& error, Language language) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::string name(absl::StripSuffix(what, " is required"));
    return absl::StrCat(kMissing.In(language),
                        name == "A subcommand" ? kSubcommand.In(language) : name);
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return absl::StrCat(kUnknown.In(language), what.substr(what.find(": ") + 2));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return absl::StrCat(kNoValue.In(language), what.substr(0, what.find(':')));
  }
  return what;
}

}  // namespace

Parsed ParseCommandLine(std::vector<std::string> arguments, const std::string& locale) {
  Parsed parsed;
  Invocation invocation;
  invocation.language = LanguageFrom(arguments, locale);
  invocation.policy = "policy";
  const Language language = invocation.language;
  Builder builder(language, invocation);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    builder.app().parse(std::move(arguments));
    parsed.invocation = std::move(invocation);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream ignored;
    if (builder.app().exit(error, out, ignored) == 0) {
      parsed.out = out.str();
    } else {
      parsed.error = absl::StrCat(TextOf(error, language), "\n", kMore.In(language), "\n");
      parsed.exit_code = kBadInput;
    }
  }
  return parsed;
}

}  // namespace gongji::cli
