// A disk in memory for SQLite that fails on demand: at its n-th access, because it is full, or by
// losing what was not synced when the power is cut. Used by one thread.
#ifndef GONGJI_TESTS_FAULTS_DISK_H_
#define GONGJI_TESTS_FAULTS_DISK_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gongji::faults {

// A file as processes see it, and the part that surely survives a power cut.
struct DiskFile {
  struct Change {
    int64_t offset = 0;
    std::string bytes;
    int64_t size =
        -1;  // if at least 0: the file was cut or extended to this size, and nothing was written
  };

  std::string content;
  std::string synced;
  std::vector<Change> unsynced;  // the changes that lead from `synced` to `content`, in order
};

// The part that outlives processes; files by number.
struct DiskState {
  static constexpr int64_t kNone = -1;
  using Names = std::map<std::string, int64_t>;

  std::vector<DiskFile> files;
  Names names;
  Names synced_names;
  std::vector<std::pair<std::string, int64_t>> unsynced_names;  // kNone: deleted
};

std::string ToBytes(const DiskState& state);
DiskState FromBytes(const std::string& bytes);

enum class DiskError { kIo, kFull };

// Which accesses fail. If the disk is full, only writes are counted, and only they fail.
struct DiskFault {
  int64_t at = 0;  // the first one has number 1
  bool for_ever = false;
  DiskError error = DiskError::kIo;
};

class Disk {
 public:
  enum class Access { kOpen, kDelete, kLook, kRead, kWrite, kTruncate, kSync, kSize, kLock, kMap };
  enum class Result { kDone, kFailed, kFull };

  Disk() : Disk(DiskState()) {}
  explicit Disk(DiskState state);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // The name under which SQLite knows this disk.
  const std::string& vfs() const;

  const DiskState& state() const { return state_; }
  // The bytes at rest of a file, which must exist.
  std::string& Content(const std::string& name);

  void Fail(std::optional<DiskFault> fault);
  // Accesses since the last Fail; only writes if that was for a full disk.
  int64_t accesses() const { return accesses_; }

  // The capacity for all files together.
  void SetCapacity(int64_t bytes) { capacity_ = bytes; }
  int64_t used_bytes() const;
  // `full` is called at every write that needs room; true means that there is none.
  void SetFull(std::function<bool()> full) { full_ = std::move(full); }

  // Kills the process: its open files are dead, but everything it wrote is there.
  void EndProcess();
  // Also cuts the power: of what was not synced a choice by `seed` survives, in sectors of 512
  // bytes.
  void LosePower(uint64_t seed);

  // For the VFS. A handle is dead when the process that opened it has ended.
  int64_t process() const { return process_; }
  Result Begin(Access access);
  // The file with this name. If there is none: a new one if `create`, otherwise kNone.
  int64_t Find(const std::string& name, bool create);
  int64_t AddUnnamed();
  bool Exists(const std::string& name) const { return state_.names.contains(name); }
  void Delete(const std::string& name);
  void SyncNames();
  std::string& ContentOf(int64_t file) { return FileAt(file).content; }
  Result Write(int64_t file, int64_t offset, const std::string& bytes);
  void Truncate(int64_t file, int64_t size);
  void Sync(int64_t file);
  // Lets a sync fail. As on Linux, the data that was to be synced counts as clean from now on,
  // whether it has reached the platter or not.
  void FailSync(int64_t file);

 private:
  struct Registration;

  DiskFile& FileAt(int64_t file) { return state_.files[static_cast<size_t>(file)]; }
  void Name(const std::string& name, int64_t file);
  void ForgetUnnamed();

  DiskState state_;
  std::optional<DiskFault> fault_;
  int64_t accesses_ = 0;
  int64_t capacity_ = std::numeric_limits<int64_t>::max();
  std::function<bool()> full_ = [] { return false; };
  int64_t process_ = 1;
  std::mt19937_64 random_{1};
  std::unique_ptr<Registration> registration_;
};

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_DISK_H_
