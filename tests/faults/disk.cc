// Reads go to the present content of a file; writes change it and are also listed as unsynced, as
// are names. Sync empties these lists. LosePower rebuilds each file from its synced content and a
// random choice of the unsynced changes (Survival).
#include "tests/faults/disk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/encoding/bytes.h"
#include "services/common/errors/check.h"

namespace gongji::faults {
namespace {

constexpr int64_t kSectorBytes = 512;

size_t Size(int64_t bytes) { return static_cast<size_t>(bytes); }

void Put(std::string& content, int64_t offset, const std::string& bytes) {
  if (content.size() < Size(offset) + bytes.size()) content.resize(Size(offset) + bytes.size());
  content.replace(Size(offset), bytes.size(), bytes);
}

// Draws what a power cut leaves of changes that were under way.
class Survival {
 public:
  explicit Survival(std::mt19937_64& random) : random_(random) {
    static constexpr uint64_t kPercents[] = {0, 15, 50, 85, 100};
    percent_ = kPercents[random_() % std::size(kPercents)];
  }

  bool Draw() { return random_() % 100 < percent_; }

  // Applies changes sector by sector. If a sector within the new length of a file did not arrive,
  // it holds whatever was on the disk there before: anything.
  void Apply(const std::vector<DiskFile::Change>& changes, std::string& content) {
    for (const DiskFile::Change& change : changes) {
      if (change.size >= 0) {
        if (Draw()) content.resize(Size(change.size));
        continue;
      }
      const auto end = change.offset + std::ssize(change.bytes);
      for (int64_t at = change.offset; at < end;) {
        const int64_t next = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
        if (Draw()) {
          Extend(content, at);
          Put(content, at, change.bytes.substr(Size(at - change.offset), Size(next - at)));
        }
        at = next;
      }
    }
  }

 private:
  void Extend(std::string& content, int64_t to) {
    const bool garbage = random_() % 4 == 0;
    while (std::ssize(content) < to) content.push_back(static_cast<char>(garbage ? random_() : 0));
  }

  std::mt19937_64& random_;
  uint64_t percent_;
};

}  // namespace

std::string& Disk::Content(const std::string& name) { return ContentOf(state_.names.at(name)); }

void Disk::Fail(std::optional<DiskFault> fault) {
  fault_ = fault;
  accesses_ = 0;
}

int64_t Disk::used_bytes() const {
  int64_t bytes = 0;
  for (const auto& [name, file] : state_.names) {
    bytes += std::ssize(state_.files[Size(file)].content);
  }
  return bytes;
}

void Disk::EndProcess() {
  ++process_;
  ForgetUnnamed();
}

void Disk::LosePower(uint64_t seed) {
  EndProcess();
  random_.seed(seed);
  // File systems keep the order of changes of names.
  const size_t kept = random_() % (state_.unsynced_names.size() + 1);
  for (size_t i = 0; i < kept; ++i) {
    const auto& [name, file] = state_.unsynced_names[i];
    if (file == DiskState::kNone) {
      state_.synced_names.erase(name);
    } else {
      state_.synced_names[name] = file;
    }
  }
  state_.names = state_.synced_names;
  state_.unsynced_names.clear();
  for (DiskFile& file : state_.files) {
    Survival(random_).Apply(file.unsynced, file.synced);
    file.content = file.synced;
    file.unsynced.clear();
  }
  ForgetUnnamed();
}

Disk::Result Disk::Begin(Access access) {
  const bool full = fault_.has_value() && fault_->error == DiskError::kFull;
  if (full && access != Access::kWrite) return Result::kDone;
  ++accesses_;
  if (!fault_.has_value()) return Result::kDone;
  const bool fails = fault_->for_ever ? accesses_ >= fault_->at : accesses_ == fault_->at;
  if (!fails) return Result::kDone;
  return full ? Result::kFull : Result::kFailed;
}

int64_t Disk::Find(const std::string& name, bool create) {
  const auto found = state_.names.find(name);
  if (found != state_.names.end()) return found->second;
  if (!create) return DiskState::kNone;
  const int64_t file = AddUnnamed();
  Name(name, file);
  return file;
}

int64_t Disk::AddUnnamed() {
  state_.files.emplace_back();
  return std::ssize(state_.files) - 1;
}

void Disk::Delete(const std::string& name) {
  state_.names.erase(name);
  state_.unsynced_names.emplace_back(name, DiskState::kNone);
}

void Disk::Name(const std::string& name, int64_t file) {
  state_.names[name] = file;
  state_.unsynced_names.emplace_back(name, file);
}

void Disk::SyncNames() {
  state_.synced_names = state_.names;
  state_.unsynced_names.clear();
}

// Frees files to which no name can lead any more; open files of the living process are not
// considered.
void Disk::ForgetUnnamed() {
  std::vector<bool> named(state_.files.size(), false);
  for (const auto& [name, file] : state_.names) named[Size(file)] = true;
  for (const auto& [name, file] : state_.synced_names) named[Size(file)] = true;
  for (const auto& [name, file] : state_.unsynced_names) {
    if (file != DiskState::kNone) named[Size(file)] = true;
  }
  for (size_t file = 0; file < named.size(); ++file) {
    if (!named[file]) state_.files[file] = {};
  }
}

Disk::Result Disk::Write(int64_t file, int64_t offset, const std::string& bytes) {
  DiskFile& to = FileAt(file);
  const int64_t grows = std::max<int64_t>(0, offset + std::ssize(bytes) - std::ssize(to.content));
  if (grows > 0 && (full_() || used_bytes() + grows > capacity_)) return Result::kFull;
  Put(to.content, offset, bytes);
  to.unsynced.push_back({offset, bytes, -1});
  return Result::kDone;
}

void Disk::Truncate(int64_t file, int64_t size) {
  DiskFile& to = FileAt(file);
  to.content.resize(Size(size));
  to.unsynced.push_back({0, "", size});
}

void Disk::Sync(int64_t file) {
  // Not simply `content`, because changes that a failed sync has dropped do not come back.
  DiskFile& to = FileAt(file);
  for (const DiskFile::Change& change : to.unsynced) {
    if (change.size >= 0) {
      to.synced.resize(Size(change.size));
    } else {
      Put(to.synced, change.offset, change.bytes);
    }
  }
  to.unsynced.clear();
}

void Disk::FailSync(int64_t file) {
  DiskFile& to = FileAt(file);
  random_.seed(static_cast<uint64_t>(accesses_));
  Survival(random_).Apply(to.unsynced, to.synced);
  to.unsynced.clear();
}

std::string ToBytes(const DiskState& state) {
  BytesWriter out;
  const auto names = [&out](const auto& pairs) {
    out.Integer(std::ssize(pairs));
    for (const auto& [name, file] : pairs) {
      out.String(name);
      out.Integer(file);
    }
  };
  out.Integer(std::ssize(state.files));
  for (const DiskFile& file : state.files) {
    out.String(file.content);
    out.String(file.synced);
    out.Integer(std::ssize(file.unsynced));
    for (const DiskFile::Change& change : file.unsynced) {
      out.Integer(change.offset);
      out.String(change.bytes);
      out.Integer(change.size);
    }
  }
  names(state.names);
  names(state.synced_names);
  names(state.unsynced_names);
  return std::move(out).Finish();
}

DiskState FromBytes(const std::string& bytes) {
  BytesReader in(bytes);
  DiskState state;
  const auto names = [&in](auto add) {
    for (int64_t left = in.Integer(); left > 0; --left) {
      std::string name = in.String();
      add(std::move(name), in.Integer());
    }
  };
  for (int64_t left = in.Integer(); left > 0; --left) {
    DiskFile& file = state.files.emplace_back();
    file.content = in.String();
    file.synced = in.String();
    for (int64_t changes = in.Integer(); changes > 0; --changes) {
      DiskFile::Change& change = file.unsynced.emplace_back();
      change.offset = in.Integer();
      change.bytes = in.String();
      change.size = in.Integer();
    }
  }
  names([&](std::string name, int64_t file) { state.names[std::move(name)] = file; });
  names([&](std::string name, int64_t file) { state.synced_names[std::move(name)] = file; });
  names([&](std::string name, int64_t file) {
    state.unsynced_names.emplace_back(std::move(name), file);
  });
  CHECK(in.ok() && in.AtEnd());
  return state;
}

}  // namespace gongji::faults
