// Converts lines of an example, or options of a subcommand, to messages. The line notes what is
// wrong in it: call Line::Checked before the message is sent.
#ifndef GONGJI_TOOLS_GONGJI_REQUESTS_H_
#define GONGJI_TOOLS_GONGJI_REQUESTS_H_

#include <string>

#include "gongji/relation/v1/relation.pb.h"
#include "gongji/settlement/v1/bill.pb.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "tools/gongji/line.h"

namespace gongji::cli {

// 1101: psn_no, psn_name, psn_cert_type, certno, insutype, insuplc_admdvs, psn_type,
// psn_insu_date; acct_status: "normal", "sealed", "frozen", "paused" or absent for no account.
relation::v1::Person PersonFrom(Line& line);

// fact: "marriage", "parenthood", "adoption", "upbringing", "siblinghood"; psn_no, other_psn_no,
// parent_role, evidence, source, valid_from.
relation::v1::Fact FactFrom(Line& line);

// The end of a recorded fact: valid_to, evidence, source.
relation::v1::FactEnd FactEndFrom(Line& line, const std::string& fact_id);

// channel: "app", "mini_program", "web", "window"; operator_id, consent_document. Each may be
// absent.
common::v1::Origin OriginFrom(Line& line);

// scope: "in_province" or "wallet".
relation::v1::NetworkScope ScopeFrom(Line& line);

// modes: "pay", "premium".
void AddModes(Line& line, google::protobuf::RepeatedField<int>& modes);

// 2207, 2304, 2102.
settlement::v1::Bill BillFrom(Line& line);

// psn_no, purpose ("hospital", "resident_premium", ...), mdtrtarea_admvs, setl_time.
settlement::v1::ExplainRequest ExplainRequestFrom(Line& line);

// psn_no, ground ("cash", "retiree"), amount, fee, psn_type, settled_in.
wallet::v1::PayOut PayOutFrom(Line& line);

// psn_no, year, current, prior, source.
wallet::v1::Contribution ContributionFrom(Line& line);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_REQUESTS_H_
