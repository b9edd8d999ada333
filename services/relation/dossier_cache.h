// Dossiers held in memory, those that were used last.
#ifndef GONGJI_SERVICES_RELATION_DOSSIER_CACHE_H_
#define GONGJI_SERVICES_RELATION_DOSSIER_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/common/errors/check.h"
#include "services/relation/records.h"

namespace gongji::relation {

class DossierCache {
 public:
  using Entry = std::shared_ptr<const Dossier>;

  // Holds at most `capacity`, at least 1.
  explicit DossierCache(size_t capacity) : capacity_(capacity) { CHECK(capacity > 0); }

  // Returns the dossier, which becomes the one used last; null if it is not held.
  Entry Find(const std::string& psn_no) {
    const auto found = where_.find(psn_no);
    if (found == where_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }

  // Holds `entry` unless a later version is held already; drops the one unused for longest.
  void Put(const std::string& psn_no, Entry entry) {
    const Entry held = Find(psn_no);
    if (held != nullptr) {
      if (held->version < entry->version) entries_.front().second = std::move(entry);
      return;
    }
    entries_.emplace_front(psn_no, std::move(entry));
    where_[psn_no] = entries_.begin();
    if (entries_.size() <= capacity_) return;
    where_.erase(entries_.back().first);
    entries_.pop_back();
  }

  size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, Entry>>;

  const size_t capacity_;
  Entries entries_;  // the one used last comes first
  absl::flat_hash_map<std::string, Entries::iterator> where_;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_DOSSIER_CACHE_H_
