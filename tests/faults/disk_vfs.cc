// The Disk as SQLite sees it: a VFS for one process, whose connections share locks and the index of
// a log. Its functions find the Handle of a file, count the access (Begin), and pass it on to Disk;
// locks and shared memory are kept here. Time and randomness are the system's.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/sql/sqlite/page_sums.h"
#include "tests/faults/disk.h"

namespace gongji::faults {
namespace {

constexpr int kLongestName = 512;

struct Handle;

// The part of a file's state that the connections of a process share.
struct Shared {
  std::vector<Handle*> readers;  // with a lock of any kind
  Handle* writer = nullptr;      // with a reserved lock or more
  bool exclusive = false;        // the writer wants to be alone, or is
  struct Slot {
    std::vector<Handle*> readers;
    Handle* writer = nullptr;
  };
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
  int mapped_by = 0;
  std::vector<std::unique_ptr<std::vector<char>>> regions;
};

// An open file; SQLite provides the memory.
struct Handle : sqlite3_file {
  Disk* disk = nullptr;
  std::map<int64_t, Shared>* shared_files = nullptr;
  int64_t process = 0;
  int64_t file = 0;
  std::string delete_at_close;
  bool syncs_names = false;  // with the next sync, as the system's VFS does for logs and journals
  int lock = SQLITE_LOCK_NONE;
  bool mapped = false;

  bool dead() const { return process != disk->process(); }
  Shared& shared() const { return (*shared_files)[file]; }
};

Handle& HandleOf(sqlite3_file* file) { return *static_cast<Handle*>(file); }

// Counts an access. Returns SQLITE_OK, or the error to return instead.
int Begin(const Handle& handle, Disk::Access access, int error) {
  if (handle.dead()) return error;
  switch (handle.disk->Begin(access)) {
    case Disk::Result::kDone:
      return SQLITE_OK;
    case Disk::Result::kFailed:
      return error;
    case Disk::Result::kFull:
      return SQLITE_FULL;
  }
  return error;
}

int Close(sqlite3_file* file) {
  Handle& handle = HandleOf(file);
  if (!handle.dead() && !handle.delete_at_close.empty()) {
    handle.disk->Delete(handle.delete_at_close);
  }
  handle.~Handle();
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  const Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kRead, SQLITE_IOERR_READ);
  if (begun != SQLITE_OK) return begun;
  const std::string& content = handle.disk->ContentOf(handle.file);
  const int64_t there =
      std::clamp<int64_t>(std::ssize(content) - offset, 0, static_cast<int64_t>(size));
  if (there > 0) std::memcpy(to, content.data() + offset, static_cast<size_t>(there));
  if (there == size) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<size_t>(size - there));
  return SQLITE_IOERR_SHORT_READ;
}

// If a write fails, half of it is done.
int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  CHECK(size < (1 << 17));  // The system's VFS allows no more.
  const Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kWrite, SQLITE_IOERR_WRITE);
  if (handle.dead()) return begun;
  const std::string bytes(static_cast<const char*>(from), static_cast<size_t>(size));
  if (begun == SQLITE_OK && handle.disk->Write(handle.file, offset, bytes) == Disk::Result::kDone) {
    return SQLITE_OK;
  }
  handle.disk->Write(handle.file, offset, bytes.substr(0, bytes.size() / 2));
  return begun == SQLITE_OK ? SQLITE_FULL : begun;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kTruncate, SQLITE_IOERR_TRUNCATE);
  if (begun == SQLITE_OK) handle.disk->Truncate(handle.file, size);
  return begun;
}

int Sync(sqlite3_file* file, int /*flags*/) {
  Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kSync, SQLITE_IOERR_FSYNC);
  if (handle.dead()) return begun;
  if (begun != SQLITE_OK) {
    handle.disk->FailSync(handle.file);
    return begun;
  }
  handle.disk->Sync(handle.file);
  if (std::exchange(handle.syncs_names, false)) handle.disk->SyncNames();
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kSize, SQLITE_IOERR_FSTAT);
  if (begun == SQLITE_OK) *size = std::ssize(handle.disk->ContentOf(handle.file));
  return begun;
}

int Unlock(sqlite3_file* file, int level) {
  Handle& handle = HandleOf(file);
  if (handle.dead()) return SQLITE_OK;
  Shared& shared = handle.shared();
  if (shared.writer == &handle) {
    shared.writer = nullptr;
    shared.exclusive = false;
  }
  if (level == SQLITE_LOCK_NONE) std::erase(shared.readers, &handle);
  handle.lock = level;
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
  Handle& handle = HandleOf(file);
  const int begun = Begin(handle, Disk::Access::kLock, SQLITE_IOERR_LOCK);
  if (begun != SQLITE_OK) return begun;
  if (level <= handle.lock) return SQLITE_OK;
  Shared& shared = handle.shared();
  if (shared.writer != nullptr && shared.writer != &handle &&
      (shared.exclusive || level > SQLITE_LOCK_SHARED)) {
    return SQLITE_BUSY;
  }
  if (level == SQLITE_LOCK_SHARED) {
    shared.readers.push_back(&handle);
  } else {
    shared.writer = &handle;
    if (level == SQLITE_LOCK_EXCLUSIVE) {
      shared.exclusive = true;
      if (shared.readers.size() > 1) return SQLITE_BUSY;
    }
  }
  handle.lock = level;
  return SQLITE_OK;
}

int IsReserved(sqlite3_file* file, int* reserved) {
  const Handle& handle = HandleOf(file);
  if (handle.dead()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *reserved = handle.shared().writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int Control(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int SectorSize(sqlite3_file* /*file*/) { return 4096; }  // as in the system's VFS

int Characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int MapShared(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  Handle& handle = HandleOf(file);
  *at = nullptr;
  const int begun = Begin(handle, Disk::Access::kMap, SQLITE_IOERR_SHMMAP);
  if (begun != SQLITE_OK) return begun;
  Shared& shared = handle.shared();
  if (!std::exchange(handle.mapped, true)) ++shared.mapped_by;
  const auto index = static_cast<size_t>(region);
  if (index >= shared.regions.size() && extend == 0) return SQLITE_OK;
  while (index >= shared.regions.size()) {
    shared.regions.push_back(std::make_unique<std::vector<char>>(static_cast<size_t>(size)));
  }
  *at = shared.regions[index]->data();
  return SQLITE_OK;
}

void ReleaseSlot(Handle& handle, Shared::Slot& slot, int flags) {
  if ((flags & SQLITE_SHM_SHARED) != 0) {
    std::erase(slot.readers, &handle);
  } else if (slot.writer == &handle) {
    slot.writer = nullptr;
  }
}

int LockShared(sqlite3_file* file, int offset, int count, int flags) {
  Handle& handle = HandleOf(file);
  const auto slots = [&handle, offset, count](auto use) {
    Shared& shared = handle.shared();
    for (int i = offset; i < offset + count; ++i) use(shared.slots[static_cast<size_t>(i)]);
  };
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    if (!handle.dead()) slots([&](Shared::Slot& slot) { ReleaseSlot(handle, slot, flags); });
    return SQLITE_OK;
  }
  const int begun = Begin(handle, Disk::Access::kLock, SQLITE_IOERR_SHMLOCK);
  if (begun != SQLITE_OK) return begun;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  bool busy = false;
  slots([&](const Shared::Slot& slot) {
    const bool written = slot.writer != nullptr && slot.writer != &handle;
    const bool read = std::any_of(slot.readers.begin(), slot.readers.end(),
                                  [&](const Handle* reader) { return reader != &handle; });
    busy = busy || written || (exclusive && read);
  });
  if (busy) return SQLITE_BUSY;
  slots([&](Shared::Slot& slot) {
    if (exclusive) {
      slot.writer = &handle;
    } else {
      slot.readers.push_back(&handle);
    }
  });
  return SQLITE_OK;
}

void Barrier(sqlite3_file* /*file*/) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int UnmapShared(sqlite3_file* file, int /*delete_it*/) {
  Handle& handle = HandleOf(file);
  if (handle.dead() || !std::exchange(handle.mapped, false)) return SQLITE_OK;
  Shared& shared = handle.shared();
  for (Shared::Slot& slot : shared.slots) {
    ReleaseSlot(handle, slot, SQLITE_SHM_SHARED);
    ReleaseSlot(handle, slot, SQLITE_SHM_EXCLUSIVE);
  }
  if (--shared.mapped_by == 0) shared.regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {.iVersion = 2,
                                         .xClose = Close,
                                         .xRead = Read,
                                         .xWrite = Write,
                                         .xTruncate = Truncate,
                                         .xSync = Sync,
                                         .xFileSize = FileSize,
                                         .xLock = Lock,
                                         .xUnlock = Unlock,
                                         .xCheckReservedLock = IsReserved,
                                         .xFileControl = Control,
                                         .xSectorSize = SectorSize,
                                         .xDeviceCharacteristics = Characteristics,
                                         .xShmMap = MapShared,
                                         .xShmLock = LockShared,
                                         .xShmBarrier = Barrier,
                                         .xShmUnmap = UnmapShared,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

}  // namespace

struct Disk::Registration {
  explicit Registration(Disk& owner);
  ~Registration() {
    sums.reset();
    sqlite3_vfs_unregister(&vfs);
  }

  static Registration& Of(sqlite3_vfs* vfs) { return *static_cast<Registration*>(vfs->pAppData); }
  // The shared files of a process that has ended are dropped.
  std::map<int64_t, Shared>& SharedFiles() {
    if (std::exchange(shared_process, disk.process()) != disk.process()) shared.clear();
    return shared;
  }

  Disk& disk;
  const std::string name;
  int64_t shared_process = 0;
  std::map<int64_t, Shared> shared;
  sqlite3_vfs vfs{};
  std::optional<sql::PageSums> sums;  // which the product puts between
};

namespace {

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags,
         auto& registration) {
  file->pMethods = nullptr;
  Disk& disk = registration.disk;
  if (disk.Begin(Disk::Access::kOpen) != Disk::Result::kDone) return SQLITE_CANTOPEN;
  const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
  const int64_t number = name == nullptr ? disk.AddUnnamed() : disk.Find(name, create);
  if (number == DiskState::kNone) return SQLITE_CANTOPEN;
  auto* handle = new (file) Handle;
  CHECK(vfs->szOsFile == sizeof(Handle));
  handle->disk = &disk;
  handle->shared_files = &registration.SharedFiles();
  handle->process = disk.process();
  handle->file = number;
  if (name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) handle->delete_at_close = name;
  constexpr int kLogs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  handle->syncs_names = create && (flags & kLogs) != 0;
  handle->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int DeleteFile(Disk& disk, const char* name, bool sync) {
  if (disk.Begin(Disk::Access::kDelete) != Disk::Result::kDone) return SQLITE_IOERR_DELETE;
  if (!disk.Exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  disk.Delete(name);
  if (sync) disk.SyncNames();
  return SQLITE_OK;
}

int LookAt(Disk& disk, const char* name, int* there) {
  if (disk.Begin(Disk::Access::kLook) != Disk::Result::kDone) return SQLITE_IOERR_ACCESS;
  *there = disk.Exists(name) ? 1 : 0;
  return SQLITE_OK;
}

std::string NextName() {
  static std::atomic<int> disks = 0;
  return absl::StrCat("disk-", ++disks);
}

}  // namespace

Disk::Registration::Registration(Disk& owner) : disk(owner), name(NextName()) {
  // Time, randomness and everything else that is not a disk comes from the system's VFS.
  vfs = *sqlite3_vfs_find(nullptr);
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = kLongestName;
  vfs.pNext = nullptr;
  vfs.zName = name.c_str();
  vfs.pAppData = this;
  vfs.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags,
                 int* out_flags) { return Open(self, name, file, flags, out_flags, Of(self)); };
  vfs.xDelete = [](sqlite3_vfs* self, const char* name, int sync) {
    return DeleteFile(Of(self).disk, name, sync != 0);
  };
  vfs.xAccess = [](sqlite3_vfs* self, const char* name, int /*flags*/, int* there) {
    return LookAt(Of(self).disk, name, there);
  };
  vfs.xFullPathname = [](sqlite3_vfs* /*self*/, const char* name, int size, char* full) {
    sqlite3_snprintf(size, full, "%s", name);
    return SQLITE_OK;
  };
  CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  sums.emplace(name);
}

Disk::Disk(DiskState state)
    : state_(std::move(state)), registration_(std::make_unique<Registration>(*this)) {}

Disk::~Disk() = default;

const std::string& Disk::vfs() const { return registration_->sums->vfs(); }

}  // namespace gongji::faults
