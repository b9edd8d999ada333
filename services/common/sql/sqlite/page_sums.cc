// A VFS that wraps another one. Opening a database file yields a Guarded file: writing a page fills
// in its checksum, reading one checks it. All other calls, and all other files (logs), are passed
// on unchanged.
#include "services/common/sql/sqlite/page_sums.h"

#include <sqlite3.h>
#include <xxhash.h>

#include <cstring>

#include "services/common/errors/check.h"

namespace gongji::sql {
namespace {

// A page has one of the sizes from here to 64 KiB; everything else that SQLite reads is shorter.
constexpr int kSmallestPage = 512;
constexpr int kLargestPage = 65536;

thread_local int64_t damaged_page = 0;

// An open database, followed in the same memory by the file of the VFS beneath.
struct Guarded : sqlite3_file {
  sqlite3_file* beneath() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* Beneath(sqlite3_file* file) { return static_cast<Guarded*>(file)->beneath(); }

const sqlite3_io_methods& Methods(sqlite3_file* file) { return *Beneath(file)->pMethods; }

uint64_t SumOf(const void* page, int size, sqlite3_int64 offset) {
  const auto number = static_cast<XXH64_hash_t>(offset / size + 1);
  return XXH3_64bits_withSeed(page, static_cast<size_t>(size - kPageSumBytes), number);
}

int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  const int code = Methods(file).xRead(Beneath(file), to, size, offset);
  if (code != SQLITE_OK || size < kSmallestPage) return code;
  uint64_t sum = 0;
  std::memcpy(&sum, static_cast<const char*>(to) + size - kPageSumBytes, kPageSumBytes);
  if (sum == SumOf(to, size, offset)) return SQLITE_OK;
  damaged_page = offset / size + 1;
  return SQLITE_IOERR_DATA;
}

int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  // Only whole pages are ever written into a database.
  CHECK(size >= kSmallestPage && size <= kLargestPage && offset % size == 0);
  char page[kLargestPage];
  std::memcpy(page, from, static_cast<size_t>(size));
  const uint64_t sum = SumOf(page, size, offset);
  std::memcpy(page + size - kPageSumBytes, &sum, kPageSumBytes);
  return Methods(file).xWrite(Beneath(file), page, size, offset);
}

// All other methods are passed on.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,  // no memory maps, which would go past Read
    .xClose = [](sqlite3_file* file) { return Methods(file).xClose(Beneath(file)); },
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = [](sqlite3_file* file,
                    sqlite3_int64 size) { return Methods(file).xTruncate(Beneath(file), size); },
    .xSync = [](sqlite3_file* file,
                int flags) { return Methods(file).xSync(Beneath(file), flags); },
    .xFileSize = [](sqlite3_file* file,
                    sqlite3_int64* size) { return Methods(file).xFileSize(Beneath(file), size); },
    .xLock = [](sqlite3_file* file,
                int level) { return Methods(file).xLock(Beneath(file), level); },
    .xUnlock = [](sqlite3_file* file,
                  int level) { return Methods(file).xUnlock(Beneath(file), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* reserved) {
          return Methods(file).xCheckReservedLock(Beneath(file), reserved);
        },
    .xFileControl =
        [](sqlite3_file* file, int operation, void* argument) {
          return Methods(file).xFileControl(Beneath(file), operation, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return Methods(file).xSectorSize(Beneath(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return Methods(file).xDeviceCharacteristics(Beneath(file)); },
    .xShmMap =
        [](sqlite3_file* file, int region, int size, int extend, void volatile** at) {
          return Methods(file).xShmMap(Beneath(file), region, size, extend, at);
        },
    .xShmLock =
        [](sqlite3_file* file, int offset, int count, int flags) {
          return Methods(file).xShmLock(Beneath(file), offset, count, flags);
        },
    .xShmBarrier = [](sqlite3_file* file) { Methods(file).xShmBarrier(Beneath(file)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int delete_it) { return Methods(file).xShmUnmap(Beneath(file), delete_it); },
    .xFetch = nullptr,
    .xUnfetch = nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const beneath = static_cast<sqlite3_vfs*>(vfs->pAppData);
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) {
    return beneath->xOpen(beneath, name, file, flags, out_flags);
  }
  file->pMethods = nullptr;
  const int code = beneath->xOpen(beneath, name, Beneath(file), flags, out_flags);
  // A file whose opening failed may still have to be closed.
  if (Beneath(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}

}  // namespace

struct PageSums::Registration {
  sqlite3_vfs vfs{};
};

PageSums::PageSums(const std::string& base)
    : name_("page-sums/" + base), registration_(std::make_unique<Registration>()) {
  sqlite3_vfs* const beneath = sqlite3_vfs_find(base.c_str());
  CHECK(beneath != nullptr);
  sqlite3_vfs& vfs = registration_->vfs;
  vfs = {.iVersion = 1,
         .szOsFile = static_cast<int>(sizeof(Guarded)) + beneath->szOsFile,
         .mxPathname = beneath->mxPathname,
         .pNext = nullptr,
         .zName = name_.c_str(),
         .pAppData = beneath,
         .xOpen = Open};
  vfs.xDelete = [](sqlite3_vfs* self, const char* name, int sync) {
    auto* const to = static_cast<sqlite3_vfs*>(self->pAppData);
    return to->xDelete(to, name, sync);
  };
  vfs.xAccess = [](sqlite3_vfs* self, const char* name, int flags, int* there) {
    auto* const to = static_cast<sqlite3_vfs*>(self->pAppData);
    return to->xAccess(to, name, flags, there);
  };
  vfs.xFullPathname = [](sqlite3_vfs* self, const char* name, int size, char* full) {
    auto* const to = static_cast<sqlite3_vfs*>(self->pAppData);
    return to->xFullPathname(to, name, size, full);
  };
  // What does not concern the disk does not depend on the VFS that is asked.
  vfs.xRandomness = beneath->xRandomness;
  vfs.xSleep = beneath->xSleep;
  vfs.xCurrentTime = beneath->xCurrentTime;
  vfs.xGetLastError = beneath->xGetLastError;
  CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

PageSums::~PageSums() { sqlite3_vfs_unregister(&registration_->vfs); }

void PageSums::MakeRoom(sqlite3* connection) {
  int bytes = kPageSumBytes;
  CHECK(sqlite3_file_control(connection, nullptr, SQLITE_FCNTL_RESERVE_BYTES, &bytes) == SQLITE_OK);
}

int64_t PageSums::DamagedPage() { return damaged_page; }

}  // namespace gongji::sql
