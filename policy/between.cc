#include "policy/between.h"

#include <algorithm>
#include <iterator>

namespace gongji::policy {
namespace {

template <class T>
std::set<T> Intersection(const std::set<T>& a, const std::set<T>& b) {
  std::set<T> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

template <class T>
T Stricter(T a, T b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

Between PoliciesBetween(const PolicyBook& book, const std::string& giver_area,
                        const std::string& receiver_area, BusinessDay day) {
  return {book.For(giver_area, day), book.For(receiver_area, day),
          SameProvince(giver_area, receiver_area)};
}

std::set<Kin> KinAllowed(const Between& areas) {
  if (!areas.same_province) return areas.giver.kin.across_provinces;
  return Intersection(areas.giver.kin.in_province, areas.receiver.kin.in_province);
}

EvidenceLevel LeastEvidence(const Between& areas) {
  return std::max(areas.giver.kin.least_evidence, areas.receiver.kin.least_evidence);
}

std::set<Purpose> PurposesAllowed(const Between& areas) {
  if (!areas.same_province) return areas.giver.purpose.across_provinces;
  return Intersection(areas.giver.purpose.in_province, areas.receiver.purpose.in_province);
}

int StricterLimit(int a, int b) { return Stricter(a, b); }
int64_t StricterLimit(int64_t a, int64_t b) { return Stricter(a, b); }

}  // namespace gongji::policy
