// CallRaw makes one Attempt after another over the gRPC channel of the current address. An attempt
// answers its promise from the completion queue; UNAVAILABLE then leads to the writer that the
// error names, or to the next address after a pause, until attempts, budget or deadline are used
// up.
#include "services/common/rpc/channel.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/backoff.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/runtime_internal.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::rpc {
namespace {

// Full jitter, because many callers may have lost the same peer.
constexpr BackoffOptions kBetweenAttempts = {.first = absl::Milliseconds(10), .certain = 0};
// A retry costs one token; a call adds a tenth of one, up to ten.
constexpr double kMaxTokens = 10;
constexpr double kTokensPerCall = 0.1;

absl::Status FromGrpc(const grpc::Status& status) {
  google::rpc::Status message;
  if (!status.error_details().empty() && message.ParseFromString(status.error_details())) {
    return FromMessage(message);
  }
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

grpc::ChannelArguments ArgumentsOfChannels() {
  grpc::ChannelArguments arguments;
  // Retries are made here, where they are counted, and nowhere else.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A peer that restarts is found again at once, not after gRPC's default of up to 2 minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // In spite of its name, this is how long making a single connection may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// The writer's address, if `status` is a NOT_WRITER that names it; else "".
std::string WriterOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value() || detail->reason != reason::kNotWriter.name) return "";
  for (const auto& [name, value] : detail->metadata) {
    if (name == "address") return value;
  }
  return "";
}

// Turns CANCELLED into UNAVAILABLE. Nothing here cancels a call: gRPC on the other side does that
// to calls that have just reached a server that is ending.
absl::Status RefusalOf(absl::Status status) {
  if (status.code() != absl::StatusCode::kCancelled) return status;
  return absl::UnavailableError(status.message());
}

// One attempt of a call; it lives until its event.
class Attempt final : public Tag {
 public:
  Attempt(Promise<absl::StatusOr<std::string>> done, absl::Time deadline) : done_(std::move(done)) {
    context_.set_deadline(absl::ToChronoTime(deadline));
  }

  void Start(grpc::GenericStub& stub, grpc::CompletionQueue* queue, const std::string& path,
             const std::string& request) {
    const grpc::Slice slice(request);
    reader_ = stub.PrepareUnaryCall(&context_, path, grpc::ByteBuffer(&slice, 1), queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, this);
  }

  void OnEvent(bool /*ok*/) override {
    if (status_.ok()) {
      done_.Set(BytesOf(response_));
    } else {
      done_.Set(RefusalOf(FromGrpc(status_)));
    }
    delete this;
  }

 private:
  const Promise<absl::StatusOr<std::string>> done_;
  grpc::ClientContext context_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
};

}  // namespace

struct Channel::Impl {
  Impl(Runtime& runtime, std::vector<std::string> addresses)
      : runtime(runtime), addresses(std::move(addresses)), address(this->addresses.front()) {}

  struct Peer {
    explicit Peer(const std::string& address)
        : channel(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                            ArgumentsOfChannels())),
          stub(channel) {}

    const std::shared_ptr<grpc::Channel> channel;
    grpc::GenericStub stub;
  };

  // The peer to which calls go now.
  Peer& At() { return peers.try_emplace(address, address).first->second; }

  // Sends calls to the address after `tried`, which has failed, unless another call has done so
  // already.
  void TryNextAfter(const std::string& tried) {
    if (address != tried) return;
    const auto at = std::find(addresses.begin(), addresses.end(), tried);
    const bool last = at == addresses.end() || at + 1 == addresses.end();
    address = last ? addresses.front() : *(at + 1);
  }

  Runtime& runtime;
  const std::vector<std::string> addresses;
  std::string address;
  // The peers are few, and they are kept: a peer is used by calls under way.
  std::map<std::string, Peer> peers;
  double tokens = kMaxTokens;
};

Channel::Channel(Runtime& runtime, const std::string& address)
    : impl_(std::make_unique<Impl>(runtime, absl::StrSplit(address, ','))) {}

Channel::Channel() = default;

Channel::~Channel() = default;

Task<absl::StatusOr<std::string>> Channel::CallRaw(std::string method, std::string request,
                                                   absl::Time deadline) {
  Impl& impl = *impl_;
  const std::string path = absl::StrCat("/", method);
  impl.tokens = std::min(kMaxTokens, impl.tokens + kTokensPerCall);
  Backoff backoff(kBetweenAttempts);
  int redirects = 0;
  for (int attempt = 1;; ++attempt) {
    const std::string tried = impl.address;
    const Promise<absl::StatusOr<std::string>> done(impl.runtime);
    auto* call = new Attempt(done, deadline);  // Owned by the completion queue.
    call->Start(impl.At().stub, impl.runtime.internals().queue.get(), path, request);
    absl::StatusOr<std::string> answer = co_await done.future();
    if (answer.status().code() != absl::StatusCode::kUnavailable) co_return answer;
    const std::string writer = WriterOf(answer.status());
    if (!writer.empty() && writer != tried && redirects < kMaxRedirects) {
      ++redirects;
      --attempt;
      impl.address = writer;
      continue;
    }
    impl.TryNextAfter(tried);
    const absl::Duration pause = backoff.Next(impl.runtime.Random());
    const bool repeat =
        attempt < kMaxAttempts && impl.tokens >= 1 && impl.runtime.Now() + pause < deadline;
    if (!repeat) co_return answer;
    impl.tokens -= 1;
    co_await Sleep(impl.runtime, pause);
    // Otherwise the next attempt would only report again the connection failure of a while ago.
    grpc::experimental::ChannelResetConnectionBackoff(impl.At().channel.get());
  }
}

}  // namespace gongji::rpc
