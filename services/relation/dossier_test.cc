#include "services/relation/dossier.h"

#include <gtest/gtest.h>

#include "services/relation/dossier_cache.h"

namespace gongji::relation {
namespace {

std::shared_ptr<const Dossier> Version(int64_t version) {
  auto dossier = std::make_shared<Dossier>();
  dossier->version = version;
  return dossier;
}

TEST(DossierCacheTest, DropsTheOneUnusedForLongest) {
  DossierCache cache(2);
  cache.Put("a", Version(1));
  cache.Put("b", Version(1));
  EXPECT_NE(cache.Find("a"), nullptr);
  cache.Put("c", Version(1));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("c"), nullptr);
}

TEST(DossierCacheTest, NeverGoesBackToAnEarlierVersion) {
  DossierCache cache(2);
  cache.Put("a", Version(2));
  cache.Put("a", Version(1));
  EXPECT_EQ(cache.Find("a")->version, 2);
  cache.Put("a", Version(3));
  EXPECT_EQ(cache.Find("a")->version, 3);
}

TEST(DossierTest, R04TakingASecondSeatIsAMistakeOfOurs) {
  Changes changes;
  changes.seats_taken = {{"a", "second"}};
  Dossier dossier;
  dossier.seat = "first";
  EXPECT_DEATH(ApplyTo("a", changes, dossier), "seat");
}

TEST(DossierTest, R04LeavingAndJoiningInOneUnitMovesTheSeat) {
  Changes changes;
  changes.seats_freed = {{"a", "first"}};
  changes.seats_taken = {{"a", "second"}};
  Dossier dossier;
  dossier.seat = "first";
  ApplyTo("a", changes, dossier);
  EXPECT_EQ(dossier.seat, "second");
}

}  // namespace
}  // namespace gongji::relation
