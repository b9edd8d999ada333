// The persons of a prepared cluster, by number. Nothing about them is stored, because everything
// follows from the number. They live in families of four:
//
//   worker    has an account; founds an in-province network for the child, and a wallet
//   child     insured beside the worker, without an account: the worker pays, drawn live
//   elder     the worker's and the sibling's mother, insured in the other province, one yuan on
//             her account: lives on the quota that both grant
//   sibling   like the worker, without a child
//
// Even families work in Shanghai (310000), odd ones in Chengdu (510100).
#ifndef GONGJI_TOOLS_LOADGEN_POPULATION_H_
#define GONGJI_TOOLS_LOADGEN_POPULATION_H_

#include <cstdint>
#include <string>

#include "gongji/relation/v1/relation.pb.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"

namespace gongji::load {

enum class Role { kWorker, kChild, kElder, kSibling };
inline constexpr int kFamilySize = 4;
// How many transfers a family may make a day: three for each of its two givers (R16).
inline constexpr int kTransfersPerFamilyAndDay = 6;

struct Member {
  int64_t family = 0;
  Role role = Role::kWorker;

  // psn_no; its first six digits are the pooling area.
  std::string psn_no() const;
  std::string area() const;
};

// The member with this number, 0..persons-1.
Member MemberAt(int64_t number);

relation::v1::Person PersonOf(const Member& member);

// The elder is the mother of worker and sibling, the worker that of the child.
relation::v1::Fact ParenthoodOf(const Member& parent, const Member& child);

// The member's opening balance: one that is not used up by any measurement, one yuan for the elder,
// and nothing for a child.
wallet::v1::Contribution ContributionOf(const Member& member);

// The bill with this number, 10.00 to 30.00 yuan. Half are paid from own money (every fourth of
// them at a hospital of the other province), a quarter by the parent live, a quarter from quota.
// Bills are equal if number and tag are, and only then.
settlement::v1::SettleRequest BillOf(int64_t number, int64_t families, const std::string& tag);

// The transfer with this number, of 1.00 yuan: each giver makes one, then each makes another one.
settlement::v1::TransferRequest TransferOf(int64_t number, int64_t families,
                                           const std::string& tag);

// A message of 192 bytes on the wire with nine fields, for the echo.
settlement::v1::Bill EchoMessage();

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_POPULATION_H_
