// Start groups the handlers by service and registers each service as a MethodTable, a service of
// raw bytes. Every method keeps open slots (Call) in the completion queue: a slot receives a call,
// spawns the handler as a coroutine, sends its answer and waits for the next call.
#include "services/common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpc/health/v1/health.pb.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/deadline.h"
#include "services/common/rpc/runtime_internal.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::rpc {
namespace {

// Slots that wait for a call per method, so that a burst need not wait for the executor.
constexpr int kOpenSlots = 16;
constexpr int kMaxMessageBytes = 4 << 20;

// The only place that makes a grpc::Status from one of ours.
grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status message = ToMessage(status);
  return {static_cast<grpc::StatusCode>(message.code()), message.message(),
          message.SerializeAsString()};
}

// Linking the library of reflection is enough for every server to serve it.
class OnlyPlugins final : public grpc::ServerBuilderOption {
 public:
  explicit OnlyPlugins(bool reflection) : reflection_(reflection) {}

  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
    if (!reflection_) return;
    plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }

 private:
  const bool reflection_;
};

}  // namespace

// A service known to gRPC by its method names only; requests and responses are bytes.
class MethodTable final : public grpc::Service {
 public:
  explicit MethodTable(std::vector<std::string> paths) : paths_(std::move(paths)) {
    for (size_t i = 0; i < paths_.size(); ++i) {
      AddMethod(new grpc::internal::RpcServiceMethod(
          paths_[i].c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodAsync(static_cast<int>(i));
    }
  }

  void Request(int method, grpc::ServerContext* context, grpc::ByteBuffer* request,
               grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncUnary(method, context, request, writer, queue, queue, tag);
  }

 private:
  const std::vector<std::string> paths_;
};

struct Server::Impl {
  struct Method {
    Impl* server = nullptr;
    std::string path;  // with the leading slash
    RawHandler handler;
    MethodTable* table = nullptr;
    int index = 0;
    int slots = 0;  // calls that wait or run
    int waiting = 0;
    Histogram* seconds = nullptr;
  };
  class Call;

  Impl(Runtime& runtime, TaskScope& scope, Metrics& metrics, ServerOptions options)
      : runtime(runtime), scope(scope), metrics(metrics), options(std::move(options)) {}

  Task<absl::StatusOr<grpc::health::v1::HealthCheckResponse>> CheckHealth(
      grpc::health::v1::HealthCheckRequest request);

  Runtime& runtime;
  TaskScope& scope;
  Metrics& metrics;
  const ServerOptions options;
  std::deque<Method> methods;  // addresses stay
  std::vector<std::unique_ptr<MethodTable>> tables;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  // True: slots are not used again.
  std::atomic<bool> draining = false;
};

// One slot: waits for a call, runs it, and is used again.
class Server::Impl::Call final : public Tag {
 public:
  explicit Call(Method& method) : method_(method) {
    ++method_.slots;
    Wait();
  }

  void OnEvent(bool ok) override {
    const bool ending = method_.server->draining;
    if (state_ == State::kWaiting) {
      --method_.waiting;
      if (!ok) return Close();
      if (ending) return Refuse();
      if (method_.waiting == 0 && method_.slots < method_.server->options.max_calls_per_method) {
        new Call(method_);  // Owned by the completion queue.
      }
      state_ = State::kRunning;
      method_.server->scope.Spawn(Serve(std::unique_ptr<Call>(this)));
      return;
    }
    // The call was answered, or the caller is gone: the slot is free either way. Slots beyond the
    // open ones were made for a burst.
    if (ending || method_.waiting >= kOpenSlots) return Close();
    Wait();
  }

 private:
  enum class State { kWaiting, kRunning };

  // For a call that came when the end had begun.
  void Refuse() {
    state_ = State::kRunning;
    writer_->FinishWithError(ToGrpc(gongji::Refuse(reason::kServiceEnding)), this);
  }

  void Close() {
    --method_.slots;
    delete this;
  }

  void Wait() {
    state_ = State::kWaiting;
    ++method_.waiting;
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    method_.table->Request(method_.index, &*context_, &request_, &*writer_,
                           method_.server->runtime.internals().queue.get(), this);
  }

  // Owns the slot until its answer is on the way: if the coroutine is destroyed before that, when
  // the process ends, it destroys the slot too.
  Task<void> Serve(std::unique_ptr<Call> self) {
    Runtime& env = method_.server->runtime;
    const absl::Duration start = env.Monotonic();
    const auto asked = context_->deadline();
    const auto deadline = HandlerDeadline(asked == std::chrono::system_clock::time_point::max()
                                              ? std::nullopt
                                              : std::optional(absl::FromChrono(asked)),
                                          env.Now());
    absl::StatusOr<std::string> answer;
    if (!deadline.ok()) {
      answer = deadline.status();
    } else {
      CallContext context{.caller = {.identity = kDevelopmentIdentity},
                          .deadline = *deadline,
                          .env = &env,
                          .scope = &method_.server->scope};
      std::string bytes = BytesOf(request_);
      request_.Clear();
      answer = co_await method_.handler(std::move(context), std::move(bytes));
    }
    method_.seconds->Observe(absl::ToDoubleSeconds(env.Monotonic() - start));
    self.release();  // NOLINT(bugprone-unused-return-value): the queue owns it again.
    if (answer.ok()) {
      const grpc::Slice slice(*answer);
      writer_->Finish(grpc::ByteBuffer(&slice, 1), grpc::Status::OK, this);
    } else {
      writer_->FinishWithError(ToGrpc(answer.status()), this);
    }
  }

  Method& method_;
  State state_ = State::kWaiting;
  std::optional<grpc::ServerContext> context_;
  grpc::ByteBuffer request_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
};

Task<absl::StatusOr<grpc::health::v1::HealthCheckResponse>> Server::Impl::CheckHealth(
    grpc::health::v1::HealthCheckRequest request) {
  // Every known service serves as long as the process does.
  const std::string prefix = absl::StrCat("/", request.service(), "/");
  const bool known = request.service().empty() ||
                     std::any_of(methods.begin(), methods.end(), [&](const Impl::Method& method) {
                       return method.path.starts_with(prefix);
                     });
  if (!known) co_return Refuse(reason::kServiceUnknown, {{"service", request.service()}});
  grpc::health::v1::HealthCheckResponse response;
  response.set_status(draining ? grpc::health::v1::HealthCheckResponse::NOT_SERVING
                               : grpc::health::v1::HealthCheckResponse::SERVING);
  co_return response;
}

Server::Server(Runtime& runtime, TaskScope& scope, Metrics& metrics, ServerOptions options)
    : impl_(std::make_unique<Impl>(runtime, scope, metrics, std::move(options))) {}

Server::~Server() {
  if (impl_->server != nullptr) {
    impl_->server->Shutdown(std::chrono::system_clock::now());
  }
}

void Server::HandleRaw(const std::string& method, RawHandler handler) {
  CHECK(impl_->server == nullptr);
  Impl::Method entry;
  entry.server = impl_.get();
  entry.path = absl::StrCat("/", method);
  entry.handler = std::move(handler);
  entry.seconds = &impl_->metrics.histogram("gongji_rpc_server_seconds",
                                            "Time from the start of a call to its answer",
                                            {{"method", method}}, SecondsBounds());
  impl_->methods.push_back(std::move(entry));
}

absl::StatusOr<std::string> Server::Start() {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  // Not gRPC's own health service: any service of gRPC's own brings threads that poll for it, and
  // for our calls too.
  Handle<HealthCheckRequest, HealthCheckResponse>(
      "grpc.health.v1.Health/Check", [this](CallContext /*context*/, HealthCheckRequest request) {
        return impl_->CheckHealth(std::move(request));
      });
  std::map<std::string, std::vector<Impl::Method*>> by_service;
  for (Impl::Method& method : impl_->methods) {
    const std::vector<std::string> parts = absl::StrSplit(method.path, '/');
    by_service[parts[1]].push_back(&method);
  }
  grpc::ServerBuilder& builder = impl_->runtime.internals().builder;
  builder.SetOption(std::make_unique<OnlyPlugins>(impl_->options.reflection));
  for (const auto& [service, methods] : by_service) {
    std::vector<std::string> paths;
    for (const Impl::Method* method : methods) paths.push_back(method->path);
    impl_->tables.push_back(std::make_unique<MethodTable>(std::move(paths)));
    for (size_t i = 0; i < methods.size(); ++i) {
      methods[i]->table = impl_->tables.back().get();
      methods[i]->index = static_cast<int>(i);
    }
    builder.RegisterService(impl_->tables.back().get());
  }
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Callers look every few seconds whether this host is there (channel.cc), and this host whether
  // they are.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddListeningPort(impl_->options.listen, grpc::InsecureServerCredentials(), &impl_->port);
  impl_->server = builder.BuildAndStart();
  if (impl_->server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", impl_->options.listen));
  }
  for (Impl::Method& method : impl_->methods) {
    for (int i = 0; i < kOpenSlots; ++i) new Impl::Call(method);  // Owned by the queue.
  }
  if (impl_->options.listen.starts_with("unix:")) return impl_->options.listen;
  const size_t colon = impl_->options.listen.rfind(':');
  return absl::StrCat(impl_->options.listen.substr(0, colon), ":", impl_->port);
}

void Server::RefuseCalls() { impl_->draining = true; }

void Server::Drain(absl::Duration grace) {
  RefuseCalls();
  impl_->server->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

}  // namespace gongji::rpc
