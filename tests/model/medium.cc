#include "tests/model/medium.h"

#include <string>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/wallet/store/postgres/postgres_store.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "tests/faults/disk.h"
#include "tests/faults/shard.h"

namespace gongji::model {
namespace {

class Memory final : public Medium {
 public:
  std::unique_ptr<wallet::WalletStore> Open(Env& env, Worker& /*worker*/) override {
    return wallet::NewMemoryWalletStore(env, disk_);
  }

 private:
  wallet::WalletDisk disk_;
};

class Sqlite final : public Medium {
 public:
  std::unique_ptr<wallet::WalletStore> Open(Env& env, Worker& worker) override {
    auto store = faults::OpenStore(env, worker, disk_);
    CHECK(store.ok());
    return *std::move(store);
  }
  void End(uint64_t seed) override {
    if (seed == 0) {
      disk_.EndProcess();
    } else {
      disk_.LosePower(seed);
    }
  }

 private:
  faults::Disk disk_;
};

class Postgres final : public Medium {
 public:
  explicit Postgres(std::string connection) : connection_(std::move(connection)) {
    sql::Postgres postgres({.connection = connection_});
    CHECK(postgres.Script("DROP SCHEMA public CASCADE; CREATE SCHEMA public").ok());
  }
  std::unique_ptr<wallet::WalletStore> Open(Env& env, Worker& worker) override {
    auto store =
        wallet::OpenPostgresWalletStore(env, wallet::AllOn(worker), {.connection = connection_});
    CHECK(store.ok());
    return *std::move(store);
  }

 private:
  const std::string connection_;
};

}  // namespace

std::unique_ptr<Medium> NewMemory() { return std::make_unique<Memory>(); }

std::unique_ptr<Medium> NewSqlite() { return std::make_unique<Sqlite>(); }

NewMedium NewPostgres(sql::PostgresServer& server) {
  return [connection = server.NewDatabase()] { return std::make_unique<Postgres>(connection); };
}

}  // namespace gongji::model
