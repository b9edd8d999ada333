#include "services/relation/dossier.h"

#include <algorithm>
#include <tuple>

#include "services/common/errors/check.h"

namespace gongji::relation {
namespace {

// Puts `row` in its place among rows sorted by id, replacing its earlier state.
template <class Row>
void Put(const Row& row, std::string Row::* id, std::vector<Row>& rows) {
  const auto at = std::lower_bound(rows.begin(), rows.end(), row,
                                   [&](const Row& a, const Row& b) { return a.*id < b.*id; });
  if (at != rows.end() && (*at).*id == row.*id) {
    *at = row;
  } else {
    rows.insert(at, row);
  }
}

void Erase(const std::string& network_id, std::vector<Network>& networks) {
  std::erase_if(networks, [&](const Network& one) { return one.network_id == network_id; });
}

// Keeps the ended relations that ended last.
void ForgetLongEnded(std::vector<Relation>& relations) {
  const auto ended = std::count_if(relations.begin(), relations.end(),
                                   [](const Relation& one) { return !one.active(); });
  for (auto left = ended; left > static_cast<std::ptrdiff_t>(kEndedRelationsShown); --left) {
    const auto rank = [](const Relation& one) {
      return std::tuple(one.ended_at.value_or(absl::InfiniteFuture()), one.relation_id);
    };
    relations.erase(
        std::min_element(relations.begin(), relations.end(),
                         [&](const Relation& a, const Relation& b) { return rank(a) < rank(b); }));
  }
}

}  // namespace

void ApplyTo(const std::string& psn_no, const Changes& changes, Dossier& dossier) {
  ++dossier.version;
  if (changes.person.has_value() && changes.person->psn_no == psn_no) {
    dossier.person = *changes.person;
  }
  for (const Fact& fact : changes.facts) {
    if (fact.psn_no == psn_no || fact.other_psn_no == psn_no) {
      Put(fact, &Fact::fact_id, dossier.facts);
    }
  }
  for (const Network& network : changes.networks) {
    if (network.organiser != psn_no) continue;
    Erase(network.network_id, dossier.networks);
    if (!network.dissolved_at.has_value()) Put(network, &Network::network_id, dossier.networks);
  }
  for (const Relation& relation : changes.relations) {
    if (relation.giver == psn_no || relation.receiver == psn_no) {
      Put(relation, &Relation::relation_id, dossier.relations);
    }
  }
  ForgetLongEnded(dossier.relations);
  for (const Seat& seat : changes.seats_freed) {
    if (seat.psn_no != psn_no) continue;
    CHECK(dossier.seat == seat.network_id);
    dossier.seat.clear();
  }
  for (const Seat& seat : changes.seats_taken) {
    if (seat.psn_no != psn_no) continue;
    CHECK(dossier.seat.empty());  // R04; also the primary key of seats in 001_init.sql
    dossier.seat = seat.network_id;
  }
}

}  // namespace gongji::relation
