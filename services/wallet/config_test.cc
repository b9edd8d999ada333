#include "services/wallet/config.h"

#include <gtest/gtest.h>

#include <utility>

#include "services/common/testing/flags.h"

namespace gongji::wallet {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    flags_.Set("database", "shard.db");
    flags_.Set("area_province", "31");
  }

  FlagsOfATest flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  const std::pair<const char*, const char*> flags[] = {
      {"advertise", "a:1"},       {"backup_dir", "/b"}, {"policy", "p"},
      {"journal_hash", "sha256"}, {"max_batch", "2"},   {"max_queue", "3"},
      {"max_cached_rows", "4"},   {"save_every", "5"}};
  for (const auto& [flag, value] : flags) flags_.Set(flag, value);
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database, "shard.db");
  EXPECT_EQ(config->engine, Engine::kSqlite);
  EXPECT_EQ(config->advertise, "a:1");
  EXPECT_EQ(config->backup_dir, "/b");
  EXPECT_EQ(config->area_province, "31");
  EXPECT_EQ(config->writer.province, "31");
  EXPECT_TRUE(config->writer.sweep_years);
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->hash, HashKind::kSha256);
  EXPECT_EQ(config->writer.batches.max_batch, 2U);
  EXPECT_EQ(config->writer.batches.max_queue, 3U);
  EXPECT_EQ(config->writer.max_cached_rows, 4U);
  EXPECT_EQ(config->writer.saves.save_every, 5);
  EXPECT_EQ(config->writer.saves.max_tail, 15);
}

TEST_F(ConfigTest, DefaultsAreThoseOfTheHelp) {
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->hash, HashKind::kSm3);
  EXPECT_EQ(config->writer.batches.max_batch, 256U);
  EXPECT_EQ(config->writer.batches.max_queue, 4096U);
  EXPECT_EQ(config->writer.max_cached_rows, 4'000'000U);
  EXPECT_EQ(config->writer.saves.save_every, 100'000);
}

TEST_F(ConfigTest, ADsnIsPostgres) {
  flags_.Set("database", "postgresql://host/shard");
  EXPECT_EQ(ReadConfig()->engine, Engine::kPostgres);
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  constexpr char kNumbers[] =
      "--max_batch: at least 2; --max_queue, --max_cached_rows, --save_every: at least 1";
  ExpectMistakes(ReadConfig, {{"database", "", "--database is missing"},
                              {"area_province", "310000", "--area_province is not two digits"},
                              {"journal_hash", "md5", "--journal_hash is neither sm3 nor sha256"},
                              {"max_batch", "1", kNumbers},
                              {"max_queue", "0", kNumbers},
                              {"max_cached_rows", "0", kNumbers},
                              {"save_every", "0", kNumbers}});
}

}  // namespace
}  // namespace gongji::wallet
