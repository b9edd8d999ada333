// Errors on the wire: what a client of any language sees, and what comes back from a peer.
#include "services/common/rpc/status_wire.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "services/common/errors/reasons.h"

namespace gongji::rpc {
namespace {

TEST(StatusWire, GoogleRpcFieldNumbers_R42) {
  const google::rpc::Status message =
      ToMessage(Refuse(reason::kInsufficientFunds, {{"needed_fen", "5"}}));
  EXPECT_EQ(message.code(), 9);
  ASSERT_EQ(message.details_size(), 2);
  EXPECT_EQ(message.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(message.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(info.metadata().at("needed_fen"), "5");
  EXPECT_EQ(info.metadata().at("final"), "true");
}

TEST(StatusWire, ReasonsComeBackWhole_R42) {
  for (const absl::Status& status :
       {Refuse(reason::kInsufficientFunds, {{"available_fen", "1"}, {"needed_fen", "5"}}),
        Refuse(reason::kQueueFull), InvalidField("psn_no", "bad")}) {
    EXPECT_EQ(FromMessage(ToMessage(status)), status);
  }
}

TEST(StatusWire, TheTextsAreThoseOfTheCatalogueInBothLanguages_R42) {
  const google::rpc::Status message = ToMessage(Refuse(reason::kQueueFull));
  EXPECT_EQ(message.message(), reason::kQueueFull.text_en);
  google::rpc::LocalizedMessage text;
  ASSERT_TRUE(message.details(1).UnpackTo(&text));
  EXPECT_EQ(text.locale(), "zh-CN");
  EXPECT_EQ(text.message(), reason::kQueueFull.text_zh);
}

TEST(StatusWire, WhatHasNoReasonHasNoDetails) {
  const google::rpc::Status message = ToMessage(absl::UnavailableError("away"));
  EXPECT_EQ(message.details_size(), 0);
  EXPECT_EQ(FromMessage(message), absl::UnavailableError("away"));
}

// Other texts may name internals.
TEST(StatusWire, OnlyTextsThatAreMadeForCallersAreTold) {
  using enum absl::StatusCode;
  for (const auto code : {kCancelled, kDeadlineExceeded, kUnimplemented, kUnavailable}) {
    EXPECT_EQ(FromMessage(ToMessage(absl::Status(code, "told"))), absl::Status(code, "told"));
  }
  for (const auto code : {kUnknown, kInvalidArgument, kNotFound, kAlreadyExists, kPermissionDenied,
                          kResourceExhausted, kFailedPrecondition, kAborted, kOutOfRange, kInternal,
                          kDataLoss, kUnauthenticated}) {
    EXPECT_EQ(FromMessage(ToMessage(absl::Status(code, "secret"))),
              absl::InternalError("internal error"));
  }
}

// As a peer of another version might send it.
TEST(StatusWire, AReasonThatDoesNotSayItIsFinalIsNot_R42) {
  google::rpc::Status message = ToMessage(Refuse(reason::kInsufficientFunds));
  EXPECT_TRUE(IsFinal(FromMessage(message)));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(message.details(0).UnpackTo(&info));
  for (const char* final : {"false", "", "TRUE"}) {
    (*info.mutable_metadata())["final"] = final;
    message.mutable_details(0)->PackFrom(info);
    EXPECT_FALSE(IsFinal(FromMessage(message))) << final;
  }
  info.clear_metadata();
  message.mutable_details(0)->PackFrom(info);
  EXPECT_FALSE(IsFinal(FromMessage(message)));
  EXPECT_EQ(ReasonOf(FromMessage(message)), "INSUFFICIENT_FUNDS");
}

// A reason of somebody else's domain is not one of ours.
TEST(StatusWire, AnotherDomainIsNoReason) {
  google::rpc::Status message;
  message.set_code(9);
  message.set_message("theirs");
  google::rpc::ErrorInfo info;
  info.set_reason("QUEUE_FULL");
  info.set_domain("example.com");
  message.add_details()->PackFrom(info);
  const absl::Status status = FromMessage(message);
  EXPECT_EQ(status, absl::FailedPreconditionError("theirs"));
  EXPECT_EQ(ReasonOf(status), "");
}

}  // namespace
}  // namespace gongji::rpc
