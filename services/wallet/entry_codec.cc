#include "services/wallet/entry_codec.h"

#include <utility>

#include "services/common/bytes.h"
#include "services/common/status.h"

namespace gongji::wallet {
namespace {

// First byte of every answer; raised when the form changes, old forms stay readable.
constexpr int64_t kForm = 1;

void Encode(const absl::Status& status, BytesWriter& out) {
  out.Integer(static_cast<int64_t>(status.code()));
  if (status.ok()) return;
  out.String(std::string(status.message()));
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  out.String(detail.reason);
  out.Integer(detail.final ? 1 : 0);
  out.String(detail.text_zh);
  out.Integer(static_cast<int64_t>(detail.metadata.size()));
  for (const auto& [name, value] : detail.metadata) {
    out.String(name);
    out.String(value);
  }
}

absl::Status DecodeStatus(BytesReader& in) {
  const auto code = static_cast<absl::StatusCode>(in.Integer());
  if (code == absl::StatusCode::kOk) return absl::OkStatus();
  const std::string text = in.String();
  ErrorDetail detail;
  detail.reason = in.String();
  detail.final = in.Integer() != 0;
  detail.text_zh = in.String();
  for (int64_t left = in.Integer(); left > 0 && in.ok(); --left) {
    std::string name = in.String();
    detail.metadata.emplace_back(std::move(name), in.String());
  }
  return StatusWith(code, text, std::move(detail));
}

}  // namespace

std::string EncodeAnswer(const Entry& entry) {
  BytesWriter out;
  out.Integer(kForm);
  Encode(entry.status, out);
  out.Integer(static_cast<int64_t>(entry.moves.size()));
  for (const MoveResult& move : entry.moves) {
    out.String(move.tag);
    out.Integer(move.amount_fen);
    out.Integer(move.balance_seen_fen);
    out.Integer(static_cast<int64_t>(move.stop));
    out.String(move.credited);
    out.Integer(move.year);
    out.Integer(move.lot_number);
  }
  out.Integer(static_cast<int64_t>(entry.claims.size()));
  for (const ClaimResult& claim : entry.claims) {
    out.String(claim.key);
    out.Integer(static_cast<int64_t>(claim.holders.size()));
    for (const std::string& holder : claim.holders) out.String(holder);
  }
  return std::move(out).Finish();
}

bool DecodeAnswer(const std::string& bytes, Entry& entry) {
  BytesReader in(bytes);
  if (in.Integer() != kForm) return false;
  entry.status = DecodeStatus(in);
  for (int64_t left = in.Integer(); left > 0 && in.ok(); --left) {
    MoveResult move;
    move.tag = in.String();
    move.amount_fen = in.Integer();
    move.balance_seen_fen = in.Integer();
    move.stop = static_cast<Stop>(in.Integer());
    move.credited = in.String();
    move.year = static_cast<int>(in.Integer());
    move.lot_number = in.Integer();
    entry.moves.push_back(std::move(move));
  }
  for (int64_t left = in.Integer(); left > 0 && in.ok(); --left) {
    ClaimResult claim;
    claim.key = in.String();
    for (int64_t holders = in.Integer(); holders > 0 && in.ok(); --holders) {
      claim.holders.push_back(in.String());
    }
    entry.claims.push_back(std::move(claim));
  }
  return in.AtEnd();
}

}  // namespace gongji::wallet
