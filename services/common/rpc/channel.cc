// CallRaw makes one attempt after another over the gRPC channel of the address that the route
// names. An attempt answers its promise from the completion queue.
#include "services/common/rpc/channel.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/rpc/runtime_internal.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::rpc {
namespace {

absl::Status FromGrpc(const grpc::Status& status) {
  google::rpc::Status message;
  if (!status.error_details().empty() && message.ParseFromString(status.error_details())) {
    return FromMessage(message);
  }
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

// How long a repetition waits for a connection that has failed before; one is made in a few
// milliseconds, or not at all.
constexpr absl::Duration kReconnect = absl::Milliseconds(200);

grpc::ChannelArguments ArgumentsOfChannels() {
  grpc::ChannelArguments arguments;
  // Retries are made here, where they are counted, and nowhere else.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A peer that restarts is found again at once, not after gRPC's default of up to 2 minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // In spite of its name, this is how long making a single connection may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // A host that is gone without a word is noticed while calls wait for it, not after minutes.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A peer that got a new address is found there as soon as the old one fails, not after gRPC's
  // default of 30 s.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 500);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// Turns CANCELLED into UNAVAILABLE. Nothing here cancels a call: gRPC on the other side does that
// to calls that have just reached a server that is ending.
absl::Status RefusalOf(absl::Status status) {
  if (status.code() != absl::StatusCode::kCancelled) return status;
  return absl::UnavailableError(status.message());
}

// One attempt of a call; it lives until its event.
class UnaryAttempt final : public Tag {
 public:
  UnaryAttempt(Promise<absl::StatusOr<std::string>> done, absl::Time deadline)
      : done_(std::move(done)) {
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
      : runtime(runtime), route(std::move(addresses)) {}

  struct Peer {
    explicit Peer(const std::string& address)
        : channel(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                            ArgumentsOfChannels())),
          stub(channel) {}

    const std::shared_ptr<grpc::Channel> channel;
    grpc::GenericStub stub;
  };

  Peer& At(const std::string& address) { return peers.try_emplace(address, address).first->second; }

  // Gives a connection that has failed the time to be made again. Without it the next attempt would
  // only report the failure of a while ago, though the peer may have come back since.
  Task<void> Reconnect(grpc::Channel& channel) {
    grpc::experimental::ChannelResetConnectionBackoff(&channel);
    const absl::Duration until = runtime.Monotonic() + kReconnect;
    while (channel.GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE &&
           runtime.Monotonic() < until) {
      co_await Sleep(runtime, absl::Milliseconds(1));
    }
  }

  Runtime& runtime;
  Route route;
  // The peers are few, and they are kept: a peer is used by calls under way.
  std::map<std::string, Peer> peers;
};

Channel::Channel(Runtime& runtime, const std::string& address)
    : impl_(std::make_unique<Impl>(runtime, absl::StrSplit(address, ','))) {}

Channel::Channel() = default;

Channel::~Channel() = default;

Task<absl::StatusOr<std::string>> Channel::CallRaw(std::string method, std::string request,
                                                   absl::Time deadline) {
  Impl& impl = *impl_;
  const std::string path = absl::StrCat("/", method);
  const absl::Duration ends = impl.runtime.Monotonic() + (deadline - impl.runtime.Now());
  Attempts attempts(impl.route, ends);
  while (true) {
    const Attempts::Attempt attempt = attempts.Begin(impl.runtime.Monotonic());
    Impl::Peer& peer = impl.At(attempt.address);
    const Promise<absl::StatusOr<std::string>> done(impl.runtime);
    const absl::Time until = impl.runtime.Now() + (attempt.until - impl.runtime.Monotonic());
    auto* call = new UnaryAttempt(done, until);  // Owned by the completion queue.
    call->Start(peer.stub, impl.runtime.internals().queue.get(), path, request);
    absl::StatusOr<std::string> answer = co_await done.future();
    if (answer.ok()) co_return answer;
    const auto pause =
        attempts.After(answer.status(), impl.runtime.Monotonic(), impl.runtime.Random());
    if (!pause.has_value()) co_return answer;
    if (*pause > absl::ZeroDuration()) co_await Sleep(impl.runtime, *pause);
    co_await impl.Reconnect(*impl.At(impl.route.address()).channel);
  }
}

}  // namespace gongji::rpc
