// Commit runs all units of a batch in one transaction; Apply checks each unit's versions and
// request id, writes the dossiers, rows, changes and the request, and leaves a unit that no longer
// applies without effect. Read fills a snapshot key by key.
#include "services/relation/relation_tables_sqlite.h"

#include <optional>
#include <tuple>

#include "services/common/archive.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/relation/certificate.h"
#include "services/relation/dossier.h"
#include "services/relation/dossier_bytes.h"

namespace gongji::relation {
namespace {

using sql::Blob;
using sql::Statement;

int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }

std::optional<int64_t> Millis(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return std::nullopt;
  return absl::ToUnixMillis(*time);
}

std::optional<std::string> DayText(const std::optional<BusinessDay>& day) {
  if (!day.has_value()) return std::nullopt;
  return FormatDay(*day);
}

std::optional<absl::Time> TimeOrNull(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return absl::FromUnixMillis(row.Integer(column));
}

}  // namespace

absl::Status Tables::TakeOver() {
  return database_.Transaction([&]() -> absl::Status {
    RETURN_IF_ERROR(database_.Prepared("UPDATE head SET epoch = epoch + 1 WHERE one = 1").Run());
    return ReadHead([&](int64_t epoch, int64_t) { epoch_ = epoch; });
  });
}

absl::StatusOr<Snapshot> Tables::Read(const Keys& keys) {
  Snapshot found;
  RETURN_IF_ERROR(ReadHead([&](int64_t, int64_t revision) { found.revision = revision; }));
  for (const std::string& psn_no : keys.persons) {
    ASSIGN_OR_RETURN(DossierPtr dossier, ReadDossier(psn_no));
    if (dossier != nullptr) found.persons[psn_no] = std::move(dossier);
  }
  for (const std::string& id : keys.networks) RETURN_IF_ERROR(ReadNetwork(id, found.networks));
  for (const std::string& id : keys.relations) RETURN_IF_ERROR(ReadRelation(id, found.relations));
  for (const std::string& id : keys.facts) RETURN_IF_ERROR(ReadFact(id, found.facts));
  for (const RequestKey& key : keys.requests) RETURN_IF_ERROR(ReadRequest(key, found.requests));
  return found;
}

std::vector<Committed> Tables::Commit(const std::vector<CommitUnit>& units) {
  std::vector<Committed> results(units.size());
  const absl::Status status = database_.Transaction([&]() -> absl::Status {
    int64_t revision = 0;
    int64_t epoch = 0;
    RETURN_IF_ERROR(ReadHead([&](int64_t e, int64_t r) { std::tie(epoch, revision) = {e, r}; }));
    if (epoch != epoch_) return Refuse(reason::kNotWriter);
    for (size_t i = 0; i < units.size(); ++i) {
      RETURN_IF_ERROR(Apply(units[i], revision, results[i]));
      if (results[i].revision.ok()) revision = *results[i].revision;
    }
    return database_.Prepared("UPDATE head SET revision = ?1 WHERE one = 1").Run(revision);
  });
  if (status.ok()) return results;
  for (Committed& result : results) result = {status, {}};
  return results;
}

absl::StatusOr<ChangePage> Tables::ListChanges(int64_t after_revision, int max_revisions) {
  ChangePage page;
  RETURN_IF_ERROR(ReadHead([&](int64_t, int64_t revision) { page.last_revision = revision; }));
  RETURN_IF_ERROR(database_
                      .Prepared("SELECT revision, at, kind, id FROM changes WHERE revision > ?1 "
                                "AND revision <= ?2 ORDER BY revision, ordinal")
                      .ForEach(
                          [&](const Statement& row) {
                            page.changes.push_back({.revision = row.Integer(0),
                                                    .at = absl::FromUnixMillis(row.Integer(1)),
                                                    .kind = static_cast<ChangeKind>(row.Integer(2)),
                                                    .id = row.Text(3),
                                                    .relation = std::nullopt});
                          },
                          after_revision, after_revision + max_revisions));
  for (ChangeEvent& change : page.changes) {
    if (change.kind != ChangeKind::kRelation) continue;
    std::map<std::string, Relation> found;
    RETURN_IF_ERROR(ReadRelation(change.id, found));
    change.relation = found.at(change.id);
  }
  return page;
}

absl::Status Tables::ReadHead(absl::FunctionRef<void(int64_t epoch, int64_t revision)> take) {
  return database_.Prepared("SELECT epoch, revision FROM head WHERE one = 1")
      .ForEach([&](const Statement& row) { take(row.Integer(0), row.Integer(1)); });
}

absl::StatusOr<DossierPtr> Tables::ReadDossier(const std::string& psn_no) {
  std::shared_ptr<Dossier> dossier;
  RETURN_IF_ERROR(
      database_
          .Prepared("SELECT dossier, certificate_type, certificate_number FROM persons "
                    "WHERE psn_no = ?1")
          .ForEach(
              [&](const Statement& row) {
                dossier = std::make_shared<Dossier>();
                CHECK(DecodeDossier(row.Text(0), *dossier));  // never decide on damaged bytes
                dossier->person.certificate = {row.Text(1), OpenNumber(row.Text(2))};
              },
              psn_no));
  return dossier;
}

absl::Status Tables::ReadNetwork(const std::string& id, std::map<std::string, Network>& found) {
  return database_
      .Prepared(
          "SELECT scope, organiser, area, founded_at, dissolved_at FROM networks "
          "WHERE network_id = ?1")
      .ForEach(
          [&](const Statement& row) {
            found[id] = {.network_id = id,
                         .scope = static_cast<Scope>(row.Integer(0)),
                         .organiser = row.Text(1),
                         .area = row.Text(2),
                         .created_at = absl::FromUnixMillis(row.Integer(3)),
                         .dissolved_at = TimeOrNull(row, 4)};
          },
          id);
}

absl::Status Tables::ReadRelation(const std::string& id, std::map<std::string, Relation>& found) {
  return database_.Prepared("SELECT body FROM relations WHERE relation_id = ?1")
      .ForEach([&](const Statement& row) { CHECK(DecodeRelation(row.Text(0), found[id])); }, id);
}

absl::Status Tables::ReadFact(const std::string& id, std::map<std::string, Fact>& found) {
  return database_
      .Prepared(
          "SELECT kind, psn_no, other_psn_no, parent_role, evidence, source, valid_from, "
          "valid_to, recorded_at FROM facts WHERE fact_id = ?1 AND replaced_at IS NULL")
      .ForEach(
          [&](const Statement& row) {
            found[id] = {.fact_id = id,
                         .kind = static_cast<FactKind>(row.Integer(0)),
                         .psn_no = row.Text(1),
                         .other_psn_no = row.Text(2),
                         .role = static_cast<ParentRole>(row.Integer(3)),
                         .evidence = static_cast<EvidenceLevel>(row.Integer(4)),
                         .source = row.Text(5),
                         .from = ParseDay(row.Text(6)),
                         .until = ParseDay(row.Text(7)),
                         .recorded_at = absl::FromUnixMillis(row.Integer(8))};
          },
          id);
}

absl::Status Tables::ReadRequest(const RequestKey& key,
                                 std::map<RequestKey, RequestRecord>& found) {
  return database_
      .Prepared(
          "SELECT fingerprint, id, reason, metadata, at, revision FROM requests "
          "WHERE caller = ?1 AND request_id = ?2")
      .ForEach(
          [&](const Statement& row) {
            RequestRecord& record = found[key];
            record.key = key;
            record.fingerprint = row.Text(0);
            Answer& answer = record.answer;
            answer.id = row.Text(1);
            answer.reason = row.Text(2);
            CHECK(FromBytes(row.Text(3), answer.metadata));
            answer.at = absl::FromUnixMillis(row.Integer(4));
            answer.revision = row.Integer(5);
          },
          key.caller, key.request_id);
}

absl::StatusOr<bool> Tables::StillStands(const CommitUnit& unit) {
  bool stands = true;
  for (const auto& [psn_no, expected] : unit.expected) {
    int64_t version = 0;
    RETURN_IF_ERROR(database_.Prepared("SELECT version FROM persons WHERE psn_no = ?1")
                        .ForEach([&](const Statement& row) { version = row.Integer(0); }, psn_no));
    stands = stands && version == expected;
  }
  if (unit.request.has_value()) {
    const RequestKey& key = unit.request->key;
    RETURN_IF_ERROR(
        database_.Prepared("SELECT 1 FROM requests WHERE caller = ?1 AND request_id = ?2")
            .ForEach([&](const Statement&) { stands = false; }, key.caller, key.request_id));
  }
  return stands;
}

absl::Status Tables::Apply(const CommitUnit& unit, int64_t revision, Committed& result) {
  ASSIGN_OR_RETURN(const bool stands, StillStands(unit));
  if (!stands) return absl::OkStatus();
  if (!unit.changes.empty()) ++revision;
  result.revision = revision;
  for (const std::string& psn_no : unit.changes.Touched()) {
    CHECK(unit.expected.contains(psn_no));
    ASSIGN_OR_RETURN(const DossierPtr before, ReadDossier(psn_no));
    auto after =
        before == nullptr ? std::make_shared<Dossier>() : std::make_shared<Dossier>(*before);
    ApplyTo(psn_no, unit.changes, *after);
    RETURN_IF_ERROR(WriteDossier(*after));
    result.dossiers.emplace_back(psn_no, std::move(after));
  }
  RETURN_IF_ERROR(WriteRows(unit.changes));
  RETURN_IF_ERROR(WriteChanges(unit, revision));
  return unit.request.has_value() ? WriteRequest(*unit.request, revision) : absl::OkStatus();
}

absl::Status Tables::WriteDossier(const Dossier& dossier) {
  const Person& person = dossier.person;
  const std::string bytes = EncodeDossier(dossier);
  return database_
      .Prepared(
          "INSERT INTO persons (psn_no, version, certificate_type, certificate_number, "
          "dossier) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (psn_no) DO UPDATE SET "
          "version = ?2, certificate_type = ?3, certificate_number = ?4, dossier = ?5")
      .Run(person.psn_no, dossier.version, person.certificate.type,
           SealNumber(person.certificate.number), Blob{bytes});
}

absl::Status Tables::WriteRows(const Changes& changes) {
  for (const Fact& fact : changes.facts) RETURN_IF_ERROR(WriteFact(fact));
  for (const Network& network : changes.networks) RETURN_IF_ERROR(WriteNetwork(network));
  for (const Relation& relation : changes.relations) RETURN_IF_ERROR(WriteRelation(relation));
  for (const Seat& seat : changes.seats_freed) {
    RETURN_IF_ERROR(database_.Prepared("DELETE FROM seats WHERE psn_no = ?1 AND network_id = ?2")
                        .Run(seat.psn_no, seat.network_id));
  }
  for (const Seat& seat : changes.seats_taken) {
    RETURN_IF_ERROR(database_.Prepared("INSERT INTO seats (psn_no, network_id) VALUES (?1, ?2)")
                        .Run(seat.psn_no, seat.network_id));
  }
  return absl::OkStatus();
}

absl::Status Tables::WriteFact(const Fact& fact) {
  const int64_t recorded_at = Millis(fact.recorded_at);
  RETURN_IF_ERROR(
      database_
          .Prepared("UPDATE facts SET replaced_at = ?2 WHERE fact_id = ?1 AND replaced_at IS NULL")
          .Run(fact.fact_id, recorded_at));
  return database_
      .Prepared(
          "INSERT INTO facts (fact_id, version, kind, psn_no, other_psn_no, parent_role, "
          "evidence, source, valid_from, valid_to, recorded_at) "
          "SELECT ?1, COALESCE(MAX(version), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 "
          "FROM facts WHERE fact_id = ?1")
      .Run(fact.fact_id, static_cast<int>(fact.kind), fact.psn_no, fact.other_psn_no,
           static_cast<int>(fact.role), static_cast<int>(fact.evidence), fact.source,
           DayText(fact.from), DayText(fact.until), recorded_at);
}

absl::Status Tables::WriteNetwork(const Network& network) {
  return database_
      .Prepared(
          "INSERT INTO networks (network_id, scope, organiser, area, founded_at, "
          "dissolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (network_id) "
          "DO UPDATE SET dissolved_at = ?6")
      .Run(network.network_id, static_cast<int>(network.scope), network.organiser, network.area,
           Millis(network.created_at), Millis(network.dissolved_at));
}

absl::Status Tables::WriteRelation(const Relation& relation) {
  const std::string body = EncodeRelation(relation);
  return database_
      .Prepared(
          "INSERT INTO relations (relation_id, network_id, giver, receiver, scope, "
          "bound_at, ended_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
          "ON CONFLICT (relation_id) DO UPDATE SET ended_at = ?7, body = ?8")
      .Run(relation.relation_id, relation.network_id, relation.giver, relation.receiver,
           static_cast<int>(relation.scope), Millis(relation.added_at), Millis(relation.ended_at),
           Blob{body});
}

absl::Status Tables::WriteChanges(const CommitUnit& unit, int64_t revision) {
  int ordinal = 0;
  for (const ChangeEvent& change : ChangesOf(unit)) {
    RETURN_IF_ERROR(
        database_
            .Prepared("INSERT INTO changes (revision, ordinal, at, kind, id) "
                      "VALUES (?1, ?2, ?3, ?4, ?5)")
            .Run(revision, ++ordinal, Millis(change.at), static_cast<int>(change.kind), change.id));
  }
  return absl::OkStatus();
}

absl::Status Tables::WriteRequest(const RequestRecord& record, int64_t revision) {
  const std::string metadata = ToBytes(record.answer.metadata);
  return database_
      .Prepared(
          "INSERT INTO requests (caller, request_id, fingerprint, id, reason, metadata, "
          "at, revision, channel, operator_id, consent_document) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
      .Run(record.key.caller, record.key.request_id, Blob{record.fingerprint}, record.answer.id,
           record.answer.reason, Blob{metadata}, Millis(record.answer.at), revision,
           record.origin.channel, record.origin.operator_id, record.origin.consent_document);
}

}  // namespace gongji::relation
