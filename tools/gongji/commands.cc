// The table of commands, one function for each group of them. Each command has its help in both
// languages, its options with the field that each one sets in the action's line, and the action.
#include "tools/gongji/commands.h"

namespace gongji::cli {
namespace {

constexpr Text kPersonHelp = {"psn_no of the person", "人员编号 psn_no"};
constexpr Text kGiverHelp = {"psn_no of the giver", "共济人的人员编号"};
constexpr Text kReceiverHelp = {"psn_no of the receiver", "被共济人的人员编号"};
constexpr Text kNetworkHelp = {"network id, as create printed it", "共济网编号（create 输出）"};
constexpr Text kRelationHelp = {"relation id, as add or show printed it",
                                "共济关系编号（add 或 show 输出）"};
constexpr Text kOrganiserHelp = {"psn_no of the organiser", "组织者的人员编号"};
constexpr Text kMemberHelp = {"psn_no of the member", "成员的人员编号"};
constexpr Text kModesHelp = {"what the member may use: pay (bills), premium; none given: nothing",
                             "共济方式：pay（共济支付）、premium（共济缴费）；不填则不能使用"};
constexpr Text kProvinceHelp = {"two digits of the shard's province", "分片的两位省码"};
constexpr Text kBillHelp = {
    "file with the bill as a JSON object in the field names of the national interface, amounts in "
    "yuan; - is standard input",
    "费用文件：国家接口字段名的 JSON 对象，金额为元；- 表示标准输入"};
constexpr Text kEvidenceHelp = {"how it is proven", "证明程度"};
constexpr Text kSourceHelp = {"register or document that proves it", "证明来源"};

const std::vector<const char*> kModes = {"pay", "premium"};
const std::vector<const char*> kEvidence = {"promise", "document", "registry"};

Option Needs(const char* flag, const char* field, const Text& help) {
  return {.flag = flag, .field = field, .help = help};
}

Option May(const char* flag, const char* field, const Text& help) {
  return {.flag = flag, .field = field, .required = false, .help = help};
}

Option NeedsWord(const char* flag, const char* field, const Text& help,
                 const std::vector<const char*>& words) {
  return {.flag = flag, .field = field, .kind = Kind::kWord, .help = help, .words = words};
}

Option MayWord(const char* flag, const char* field, const Text& help,
               const std::vector<const char*>& words) {
  Option option = NeedsWord(flag, field, help, words);
  option.required = false;
  return option;
}

std::vector<Command> PersonCommands() {
  return {
      {.name = "person",
       .action = "person",
       .writes = true,
       .help = {"register a person (1101), or again what changed", "登记人员（1101）或变更"},
       .options = {Needs("--person", "psn_no", kPersonHelp),
                   Needs("--name", "psn_name", {"name", "姓名"}),
                   Needs("--cert-type", "psn_cert_type",
                         {"kind of certificate, 01 ID card", "证件类型，01 为身份证"}),
                   Needs("--certno", "certno", {"certificate number", "证件号码"}),
                   Needs("--insurance", "insutype",
                         {"insurance, 310 employees, 390 residents", "险种，310 职工，390 居民"}),
                   Needs("--area", "insuplc_admdvs",
                         {"insured pooling area, 6 digits", "参保统筹区，6 位"}),
                   Needs("--psn-type", "psn_type",
                         {"kind of person, 11 working, 12 retired", "人员类别，11 在职，12 退休"}),
                   Needs("--since", "psn_insu_date", {"first insured day", "参保日期"}),
                   MayWord("--account", "acct_status",
                           {"state of the personal account; left out: none",
                            "个人账户状态；不填表示没有账户"},
                           {"normal", "sealed", "frozen", "paused"}),
                   May("--died-on", "died_on", {"day of death", "死亡日期"})}},
  };
}

std::vector<Command> FactCommands() {
  return {
      {.name = "fact",
       .action = "fact",
       .writes = true,
       .help = {"record a fact of kinship", "登记亲属关系事实"},
       .options =
           {NeedsWord("--kind", "fact", {"what it is", "事实种类"},
                      {"marriage", "parenthood", "adoption", "upbringing", "siblinghood"}),
            Needs("--person", "psn_no",
                  {"psn_no of a spouse or of the parent", "一方配偶或父母的人员编号"}),
            Needs("--other", "other_psn_no",
                  {"psn_no of the other spouse or of the child", "另一方配偶或子女的人员编号"}),
            MayWord("--role", "parent_role",
                    {"which parent; not for a marriage", "父或母；婚姻不填"}, {"father", "mother"}),
            NeedsWord("--evidence", "evidence", kEvidenceHelp, kEvidence),
            Needs("--source", "source", kSourceHelp),
            May("--valid-from", "valid_from", {"first day it holds", "起始日期"})}},
      {.name = "end-fact",
       .action = "end_fact",
       .writes = true,
       .help = {"record the end of a fact, such as a divorce", "登记事实终止，如离婚"},
       .options = {Needs("--fact", "fact",
                         {"fact id, as fact printed it", "事实编号（fact 输出）"}),
                   Needs("--valid-to", "valid_to",
                         {"first day it no longer holds", "终止日期（当日起不再有效）"}),
                   NeedsWord("--evidence", "evidence", kEvidenceHelp, kEvidence),
                   Needs("--source", "source", kSourceHelp)}},
  };
}
std::vector<Command> NetworkCommands() {
  return {
      {.group = "network",
       .name = "create",
       .action = "create_network",
       .writes = true,
       .help = {"found a network whose organiser gives", "组建家庭共济网"},
       .options = {Needs("--organiser", "organiser", kOrganiserHelp),
                   NeedsWord("--scope", "scope",
                             {"in_province: live draws; wallet: quota, also across provinces",
                              "in_province 省内即时调用；wallet 医保钱包额度，可跨省"},
                             {"in_province", "wallet"})}},
      {.group = "network",
       .name = "add",
       .action = "add_member",
       .writes = true,
       .help = {"bind a member as receiver", "添加成员"},
       .options = {Needs("--network", "network", kNetworkHelp),
                   Needs("--member", "member", kMemberHelp),
                   {"--modes", "modes", Kind::kWords, false, kModesHelp, kModes}}},
      {.group = "network",
       .name = "set-modes",
       .action = "modes",
       .writes = true,
       .help = {"tick what a member may use", "勾选成员的共济方式"},
       .options = {Needs("--relation", "relation", kRelationHelp),
                   Needs("--organiser", "actor", kOrganiserHelp),
                   {"--modes", "modes", Kind::kWords, false, kModesHelp, kModes}}},
      {.group = "network",
       .name = "leave",
       .action = "end_relation",
       .writes = true,
       .help = {"leave as a member", "成员退出"},
       .options = {Needs("--relation", "relation", kRelationHelp),
                   Needs("--member", "actor", kMemberHelp)}},
      {.group = "network",
       .name = "remove",
       .action = "end_relation",
       .writes = true,
       .help = {"remove a member as the organiser", "组织者移除成员"},
       .options = {Needs("--relation", "relation", kRelationHelp),
                   Needs("--organiser", "actor", kOrganiserHelp)}},
      {.group = "network",
       .name = "dissolve",
       .action = "dissolve",
       .writes = true,
       .help = {"end a network and all its relations", "解散共济网"},
       .options = {Needs("--network", "network", kNetworkHelp),
                   Needs("--organiser", "actor", kOrganiserHelp)}},
      {.group = "network",
       .name = "show",
       .action = "networks",
       .help = {"show a network, or all of a person", "查看共济网"},
       .options = {May("--network", "network", kNetworkHelp),
                   May("--person", "psn_no", kPersonHelp)}},
  };
}
std::vector<Option> PayOutOptions(bool confirmed) {
  std::vector<Option> options = {
      Needs("--person", "psn_no", kPersonHelp),
      NeedsWord("--ground", "ground",
                {"cash, where policy allows it; retiree settled in another province",
                 "cash 提取现金（当地政策允许时）；retiree 跨省异地安置退休人员"},
                {"cash", "retiree"}),
      {"--amount", "amount", Kind::kYuan, true, {"yuan, e.g. 500.00", "金额（元）"}},
      Needs("--psn-type", "psn_type",
            {"kind of person, 11 working, 12 retired", "人员类别，11 在职，12 退休"}),
      May("--settled-in", "settled_in",
          {"retiree: area where he has settled, 6 digits", "异地安置地，6 位"})};
  if (confirmed) {
    options.push_back({"--fee",
                       "fee",
                       Kind::kYuan,
                       false,
                       {"the fee that quote-pay-out showed, yuan; left out: none",
                        "quote-pay-out 所示手续费（元）；不填为无"}});
  }
  return options;
}

std::vector<Command> DirectCommands() {
  return {
      {.name = "close",
       .action = "close_wallet",
       .writes = true,
       .help = {"close a person's wallet that holds no quota", "关闭医保钱包（须无未使用额度）"},
       .options = {Needs("--person", "psn_no", kPersonHelp)}},
      {.name = "holdings",
       .action = "holdings",
       .help = {"what a person has, has granted and has received", "查询个人可用、转出和转入额度"},
       .options = {Needs("--person", "psn_no", kPersonHelp)}},
      {.name = "quote-pay-out",
       .action = "quote_pay_out",
       .help = {"what a payout would cost, and whether it is allowed", "查询提取手续费及可否办理"},
       .options = PayOutOptions(false)},
      {.name = "pay-out",
       .action = "pay_out",
       .writes = true,
       .help = {"pay own money out to its owner", "提取本人个人账户资金"},
       .options = PayOutOptions(true)},
      {.name = "set-aside",
       .action = "set_aside",
       .writes = true,
       .help = {"move own money into the family's sub-account", "划转至家庭共济子账户"},
       .options = {Needs("--person", "psn_no", kPersonHelp),
                   {"--amount",
                    "amount",
                    Kind::kYuan,
                    false,
                    {"yuan; left out: all that may be moved",
                     "金额（元）；不填为全部可划转金额"}}}},
  };
}

std::vector<Command> AccountCommands() {
  return {
      {.name = "open",
       .action = "wallet",
       .writes = true,
       .help = {"open a person's wallet", "开通医保钱包"},
       .options = {Needs("--person", "psn_no", kPersonHelp),
                   May("--opened-by", "opened_by",
                       {"psn_no of who opens it for a parent or child", "代办人的人员编号"})}},
      {.name = "contribute",
       .action = "contribute",
       .writes = true,
       .help = {"book money into a personal account", "个人账户入账"},
       .options = {Needs("--person", "psn_no", kPersonHelp),
                   {"--year", "year", Kind::kWhole, true, {"account year", "账户年度"}},
                   {"--current",
                    "current",
                    Kind::kYuan,
                    false,
                    {"into this year's account, yuan", "计入当年账户（元）"}},
                   {"--prior",
                    "prior",
                    Kind::kYuan,
                    false,
                    {"opening balance of prior years, yuan; a person's first line only",
                     "历年结余期初数（元），仅限首次入账"}},
                   Needs("--source", "source",
                         {"who paid, e.g. employer", "资金来源，如 employer"})}},
      {.name = "balance",
       .action = "balance",
       .help = {"a person's accounts", "查询个人账户余额"},
       .options = {Needs("--person", "psn_no", kPersonHelp)}},
      {.name = "statement",
       .action = "statement",
       .help = {"every booking of a person's accounts", "查询个人账户明细"},
       .options = {Needs("--person", "psn_no", kPersonHelp)}},
  };
}
std::vector<Command> QuotaCommands() {
  return {
      {.name = "transfer",
       .action = "transfer",
       .writes = true,
       .help = {"grant quota to a relative", "转入共济额度"},
       .options = {Needs("--giver", "giver", kGiverHelp),
                   Needs("--receiver", "receiver", kReceiverHelp),
                   {"--amount", "amount", Kind::kYuan, true, {"yuan, e.g. 500.00", "金额（元）"}}}},
      {.name = "end-quota",
       .action = "end_quota",
       .writes = true,
       .help = {"return what is left of a quota to the giver", "终止共济额度并退回共济人"},
       .options = {Needs("--relation", "relation", kRelationHelp),
                   Needs("--actor", "actor",
                         {"psn_no of who asks, giver or receiver", "申请人（任一方）的人员编号"})}},
  };
}

std::vector<Command> BillCommands() {
  return {
      {.name = "quote",
       .action = "quote",
       .help = {"how a bill would be paid now", "预结算"},
       .options = {{"bill", "", Kind::kObject, true, kBillHelp}}},
      {.name = "settle",
       .action = "settle",
       .writes = true,
       .help = {"pay a bill", "费用结算"},
       .options = {{"bill", "", Kind::kObject, true, kBillHelp}}},
      {.name = "cancel",
       .action = "cancel",
       .writes = true,
       .help = {"take a whole settlement back", "撤销结算"},
       .options = {Needs("--settlement", "settlement",
                         {"settlement id, as settle printed it", "结算编号（settle 输出）"})}},
      {.name = "explain",
       .action = "explain",
       .help = {"who could pay for a person, and why others cannot",
                "说明谁可支付及不可支付的原因"},
       .options = {Needs("--person", "psn_no", kPersonHelp),
                   NeedsWord("--purpose", "purpose", {"what is to be paid", "用途"},
                             {"hospital", "pharmacy", "resident_premium", "long_term_care_premium",
                              "commercial_premium", "check_up", "vaccine", "family_doctor"}),
                   May("--care-area", "mdtrtarea_admvs",
                       {"area of the place, 6 digits; none for premiums",
                        "就医地，6 位；缴费不填"}),
                   May("--at", "setl_time",
                       {"at this time, e.g. 2026-03-02T09:30:00+08:00; left out: now",
                        "时间，如 2026-03-02T09:30:00+08:00；不填为现在"})}},
      {.name = "get",
       .action = "get",
       .help = {"what became of a request; an id never seen is closed by asking",
                "按请求编号查询结果；未使用过的编号将被关闭"},
       .options = {Needs("request-id", "request_id", {"request id", "请求编号"})}},
  };
}
std::vector<Command> PolicyCommands() {
  return {
      {.group = "policy",
       .name = "check",
       .room = Room::kPolicy,
       .help = {"check policy files; mistakes come with line and column",
                "检查政策文件，错误标明行和列"},
       .options = {{"files",
                    "files",
                    Kind::kWords,
                    false,
                    {"files to check; none: all of the folder",
                     "待检查文件；不填则检查整个目录"}}}},
      {.group = "policy",
       .name = "explain",
       .room = Room::kPolicy,
       .help = {"the rules of an area as a page (Markdown)", "某地规则说明（Markdown）"},
       .options =
           {Needs("area", "area",
                  {"two digits of a province or six of a pooling area", "两位省码或六位统筹区码"}),
            May("--on", "on",
                {"day, e.g. 2024-06-01; left out: today", "日期，如 2024-06-01；不填为今天"})}},
  };
}

std::vector<Command> OtherCommands() {
  return {
      {.name = "play",
       .room = Room::kPlay,
       .help = {"send examples and check every amount and reason", "运行示例并核对每笔金额和原因"},
       .options = {{"files",
                    "files",
                    Kind::kWords,
                    true,
                    {"examples/*.jsonl", "示例文件 examples/*.jsonl"}}}},
      {.name = "verify",
       .room = Room::kVerify,
       .help = {"check the invariants of the ledger", "核对账本"},
       .options = {{"--all",
                    "all",
                    Kind::kFlag,
                    false,
                    {"every shard and between them, as without provinces",
                     "核对全部分片，与不填省码相同"}},
                   {"provinces",
                    "provinces",
                    Kind::kWords,
                    false,
                    {"two digits each; none: every shard and between them",
                     "两位省码；不填则核对全部分片"}},
                   May("--roots", "roots",
                       {"file with what `journal roots` printed: the journals must still be those",
                        "journal roots 输出的文件：核对日志未被改写"})}},
      {.group = "journal",
       .name = "roots",
       .room = Room::kJournal,
       .help = {"roots of a shard's journal, to be kept elsewhere", "分片日志的根摘要，应另行保存"},
       .options = {Needs("province", "province", kProvinceHelp)}},
      {.group = "journal",
       .name = "prove",
       .room = Room::kJournal,
       .help = {"prove that an entry is in the journal; tools/check-proof checks it",
                "证明条目在日志中；用 tools/check-proof 检验"},
       .options = {Needs("province", "province", kProvinceHelp),
                   {"number", "number", Kind::kWhole, true, {"number of the entry", "条目序号"}}}},
      {.name = "completion",
       .room = Room::kComplete,
       .help = {"print the completion of a shell: source <(gongji completion bash)",
                "输出命令补全脚本：source <(gongji completion bash)"},
       .options = {NeedsWord("shell", "shell", {"shell", "命令解释器"}, {"bash", "zsh"})}},
  };
}

std::vector<Command> OperatorCommands() {
  return {
      {.name = "backup",
       .room = Room::kBackup,
       .help = {"have a shard copy its journal into its directory of backups",
                "将分片日志备份到其备份目录"},
       .options = {Needs("province", "province", kProvinceHelp)}},
      {.name = "resend",
       .room = Room::kResend,
       .help = {"send a restored shard what it had booked after the backup",
                "向恢复后的分片重发备份之后的步骤"},
       .options = {Needs("province", "province", kProvinceHelp),
                   {"--after",
                    "after",
                    Kind::kWhole,
                    true,
                    {"last_number of the backup, as backup printed it",
                     "备份的 last_number（backup 输出）"}}}},
  };
}
}  // namespace

const std::vector<Command>& Commands() {
  static const std::vector<Command> kAll = [] {
    std::vector<Command> all;
    for (auto part :
         {PersonCommands(), FactCommands(), NetworkCommands(), AccountCommands(), DirectCommands(),
          QuotaCommands(), BillCommands(), PolicyCommands(), OtherCommands(), OperatorCommands()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

Text HelpOfGroup(const std::string& group) {
  if (group == "network") return {"family networks and their members", "家庭共济网及成员"};
  if (group == "journal") return {"what proves that a journal is as it was", "日志的证明"};
  if (group == "policy") return {"the rules of places and times", "各地各时期的规则"};
  return {"", ""};
}

const std::vector<Option>& OriginOptions() {
  static const std::vector<Option> kOptions = {
      MayWord("--channel", "channel", {"where the person acted", "办理渠道"},
              {"app", "mini_program", "web", "window"}),
      May("--operator", "operator_id", {"clerk at a service window", "窗口经办人"}),
      May("--consent-document", "consent_document",
          {"document by which the person consented", "本人同意材料编号"})};
  return kOptions;
}

}  // namespace gongji::cli
